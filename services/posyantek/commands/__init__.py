"""The use cases of posyantek, a file per story."""

from __future__ import annotations

from services.posyantek.commands.needs import close, forget_person, raise_need, support, withdraw
from services.posyantek.commands.posts import (
    appoint_officer,
    dismiss_officer,
    ensure_officer,
    ensure_post,
    register_post,
)

__all__ = [
    "appoint_officer",
    "close",
    "dismiss_officer",
    "ensure_officer",
    "ensure_post",
    "forget_person",
    "raise_need",
    "register_post",
    "support",
    "withdraw",
]
