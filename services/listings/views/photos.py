"""Photos over the wire."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.listings.domain.photo import MOST_PHOTOS
from shared.http.fields import Blank, Body, Line, View


class PhotoOrder(Body):
    """Every photo of the listing once, in the order wanted; the first is the cover."""

    ids: list[UUID] = Field(max_length=MOST_PHOTOS)


class PhotoChanges(Body):
    """What is to be seen on the photo, for those who cannot see it; blank takes the words away."""

    alt: Annotated[Line | None, Blank()]


class PhotoSize(View):
    """A size that is stored, in pixels."""

    width: int
    height: int


class Photo(View):
    """A photo of a listing.

    `sizes`: smallest first; the first is at `/api/v1/photos/{id}/360.avif` and `360.webp`, a second one at `720.…`.
    `width` and `height`: of the largest. `position`: from 1; the first photo is the cover.
    """

    id: UUID
    listing_id: UUID
    position: int
    alt: str | None
    width: int
    height: int
    sizes: list[PhotoSize]


class Cover(View):
    """A listing's first photo, as lists tell it. `widths`: of the sizes that are stored, smallest first."""

    id: UUID
    widths: list[int]
    width: int
    height: int
