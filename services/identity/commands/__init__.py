"""The use cases of identity, a file per story."""

from __future__ import annotations

from services.identity.commands.accounts import (
    change_profile,
    erase,
    find_by_contact,
    prove_contact,
    register,
    snapshot,
)
from services.identity.commands.assisting import begin_assistance, offer_help
from services.identity.commands.codes import Asked, ask_code, check_code
from services.identity.commands.grants import appoint, dismiss, grant_heard, revoke_heard
from services.identity.commands.seeding import ensure_first_officer, ensure_officer
from services.identity.commands.sending import send_due_codes
from services.identity.commands.sessions import LoggedIn, log_in, log_out, principal_of, revoke_session
from services.identity.commands.upkeep import forget_old

__all__ = [
    "Asked",
    "LoggedIn",
    "appoint",
    "ask_code",
    "begin_assistance",
    "change_profile",
    "check_code",
    "dismiss",
    "ensure_first_officer",
    "ensure_officer",
    "erase",
    "find_by_contact",
    "forget_old",
    "grant_heard",
    "log_in",
    "log_out",
    "offer_help",
    "principal_of",
    "prove_contact",
    "register",
    "revoke_heard",
    "revoke_session",
    "send_due_codes",
    "snapshot",
]
