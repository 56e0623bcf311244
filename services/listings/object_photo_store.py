"""The photo store over obstore: a folder of this machine, or a bucket that speaks S3."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, MemoryStore, S3Store

from services.listings.photo_store_gateway import PhotoStoreUnavailable
from shared.config import Settings

if TYPE_CHECKING:
    from obstore.store import S3Config

FOLDER: Final = "photos"
"""Below `DATA_DIR`."""
CALL_S: Final = 10
"""For one call to a bucket; tried again within the same time."""
DELETES_AT_ONCE: Final = 8


class ObjectPhotoStore:
    """Implements `PhotoStore` over one of obstore's stores."""

    def __init__(self, store: LocalStore | MemoryStore | S3Store) -> None:
        self._store = store

    async def put(self, key: str, body: bytes) -> None:
        """Keep a file; it is there whole or not at all."""
        try:
            await self._store.put_async(key, body)
        except (BaseError, OSError) as error:
            raise PhotoStoreUnavailable from error

    async def get(self, key: str) -> bytes | None:
        """Give a file."""
        try:
            found = await self._store.get_async(key)
            return bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError):
            return None
        except (BaseError, OSError) as error:
            raise PhotoStoreUnavailable from error

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove files, some at a time: a list of keys of which one is missing would fail as a whole."""
        for start in range(0, len(keys), DELETES_AT_ONCE):
            await asyncio.gather(*(self._delete(key) for key in keys[start : start + DELETES_AT_ONCE]))

    async def _delete(self, key: str) -> None:
        try:
            await self._store.delete_async(key)
        except (NotFoundError, FileNotFoundError):
            pass
        except (BaseError, OSError) as error:
            raise PhotoStoreUnavailable from error


def open_photo_store(settings: Settings) -> ObjectPhotoStore:
    """Open what the settings name: a bucket, or else a folder in `DATA_DIR`, made if it is missing."""
    if settings.photos_bucket:
        return ObjectPhotoStore(_bucket(settings, settings.photos_bucket))
    folder: Path = settings.data_dir.absolute() / FOLDER
    return ObjectPhotoStore(LocalStore(folder, automatic_cleanup=True, mkdir=True))


def _bucket(settings: Settings, name: str) -> S3Store:
    endpoint, secret = settings.photos_endpoint, settings.photos_secret_key
    # Others than Amazon have the bucket in the path, not in the host's name.
    config: S3Config = {"region": settings.photos_region, "virtual_hosted_style_request": endpoint is None}
    if endpoint:
        config["endpoint"] = endpoint
    if secret is not None:
        config["access_key_id"] = settings.photos_access_key_id or ""
        config["secret_access_key"] = secret.get_secret_value()
    call = timedelta(seconds=CALL_S)
    return S3Store(
        name,
        config=config,
        client_options={"timeout": call, "allow_http": endpoint is not None and endpoint.startswith("http://")},
        retry_config={"max_retries": 2, "retry_timeout": call},
    )
