"""What an operator of the system does by hand: dead events, rebuilding copies, and the check of every figure."""

from __future__ import annotations

from shared.operate.verifying import verify

__all__ = ["verify"]
