"""A listing's photos: their sizes and names, their order, and the first one as the listing's cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from services.listings.domain.photo_refusals import OtherPhotos, TooManyPhotos

MOST_PHOTOS: Final = 8
"""Of one listing."""
MOST_UPLOADS_A_DAY: Final = 1000
"""Of one account: a whole shop with all its photos, but no flood."""

SIZE_NAMES: Final = ("360", "720")
"""What the sizes are called, smallest first. A picture that is too small for the larger one has the smaller one only."""
FORMATS: Final = ("avif", "webp")
"""Best first."""
CONTENT_TYPES: Final = {f"{size}.{format_}": f"image/{format_}" for size in SIZE_NAMES for format_ in FORMATS}
"""The files of a photo by name, with what they are."""


class Size(NamedTuple):
    """Width and height of a stored picture, in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of a listing. `sizes`: those that are stored, smallest first. `position`: its place, from 1."""

    id: UUID
    listing_id: UUID
    position: int
    alt: str | None
    sizes: tuple[Size, ...]
    sha256: bytes
    """Of the file as it was sent."""
    dhash: int
    """64-bit difference hash: pictures that look alike differ in few bits."""

    @property
    def width(self) -> int:
        """Of the largest size."""
        return self.sizes[-1].width

    @property
    def height(self) -> int:
        """Of the largest size."""
        return self.sizes[-1].height


def next_position(count: int) -> int:
    """Give the place for one more photo. Raises `TooManyPhotos`."""
    if count >= MOST_PHOTOS:
        raise TooManyPhotos(most=MOST_PHOTOS)
    return count + 1


def require_same(present: Sequence[UUID], wanted: Sequence[UUID]) -> None:
    """Hold an order to the photos that are there: each once, none left out. Raises `OtherPhotos`."""
    if sorted(present) != sorted(wanted):
        raise OtherPhotos


def object_key(photo_id: UUID, name: str) -> str:
    """Give the place of a photo's file in the store."""
    return f"{photo_id}/{name}"


def object_keys(photo_id: UUID) -> list[str]:
    """Give every place at which a photo may have a file."""
    return [object_key(photo_id, name) for name in CONTENT_TYPES]


def stored_name(name: str, size_count: int) -> str | None:
    """Give the file that answers for a name: of a small photo the only size there is. None for no name of ours."""
    if name not in CONTENT_TYPES:
        return None
    size, _, format_ = name.partition(".")
    return f"{SIZE_NAMES[min(SIZE_NAMES.index(size), size_count - 1)]}.{format_}"
