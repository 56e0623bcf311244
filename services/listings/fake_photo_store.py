"""The photo store in memory, for tests: passes the real adapter's suite."""

from __future__ import annotations

from collections.abc import Sequence

from services.listings.photo_store_gateway import PhotoStoreUnavailable


class FakePhotoStore:
    """Implements `PhotoStore` over a dictionary. `is_down`: every call fails, as without a network."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.is_down = False

    async def put(self, key: str, body: bytes) -> None:
        """Keep a file."""
        self._check()
        self.files[key] = bytes(body)

    async def get(self, key: str) -> bytes | None:
        """Give a file."""
        self._check()
        return self.files.get(key)

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove files."""
        self._check()
        for key in keys:
            self.files.pop(key, None)

    def _check(self) -> None:
        if self.is_down:
            raise PhotoStoreUnavailable
