"""Bank transfers: how much of one counts for the pledge, and how much is kode unik."""

from __future__ import annotations

from dataclasses import dataclass

MOST_CODE_IDR = 999


@dataclass(frozen=True, slots=True)
class Ask:
    """What a member was asked to transfer, in rupiah."""

    amount_idr: int
    code_idr: int

    @property
    def total_idr(self) -> int:
        """What the transfer comes to."""
        return self.amount_idr + self.code_idr


def split_transfer(total_idr: int, ask: Ask | None, room_idr: int) -> tuple[int, int]:
    """Split a transfer into what counts for the pledge and its kode unik.

    Exactly what was asked is split as asked. A small surplus over what may be held counts as kode unik, whose place it
    has: it stays the member's and goes back as one. A larger surplus counts for the pledge, and is refunded.
    """
    if ask is not None and total_idr == ask.total_idr:
        return ask.amount_idr, ask.code_idr
    surplus_idr = total_idr - room_idr
    if room_idr > 0 and 0 < surplus_idr <= MOST_CODE_IDR:
        return room_idr, surplus_idr
    return total_idr, 0
