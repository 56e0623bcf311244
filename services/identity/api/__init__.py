"""The HTTP API of identity, a file per story; importing this registers every route."""

from __future__ import annotations

from services.identity.api import accounts, assisting, signing_in
from services.identity.api.calls import routes

__all__ = ["accounts", "assisting", "routes", "signing_in"]
