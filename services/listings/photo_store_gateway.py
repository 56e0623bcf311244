"""The port to where photos' files are kept: bytes under a key, on a disk or in a bucket.

Files are written once and never changed, so whoever reads needs no lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from shared.errors import Unavailable


class PhotoStoreUnavailable(Unavailable):
    """The store does not answer, or has no room."""

    slug = "photo-store-unavailable"


class PhotoStore(Protocol):
    """Keeps files by key; keys are words, dots and dashes with slashes between them."""

    async def put(self, key: str, body: bytes) -> None:
        """Keep a file, in the place of what was there. Raises `PhotoStoreUnavailable`."""

    async def get(self, key: str) -> bytes | None:
        """Give a file; None where there is none. Raises `PhotoStoreUnavailable`."""

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove files; those that are not there are gone already. Raises `PhotoStoreUnavailable`."""
