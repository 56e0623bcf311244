"""Machines at work, over the wire: where one can be seen."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from services.listings.views.searching import Place
from shared.http.fields import Body, Ids, View


class VisitQuery(Body):
    """Which machines one would like to see, and from where."""

    technology_ids: Ids = Field(description="Technologies of the catalogue, with commas between")
    near: Place | None = Field(None, description="One's own kelurahan or kecamatan; what is near it comes first")
    each: int = Field(3, ge=1, le=10, description="At most so many businesses for a technology")


class MachineAtWork(View):
    """A business that lets others come and see its machine. `nearness`: 0 same kelurahan, 1 kecamatan, 2 kota, 3 elsewhere."""

    technology_id: UUID
    business_id: UUID
    business_name: str
    post_id: UUID
    post_name: str | None
    whatsapp: str
    address: str | None
    district_code: str | None
    nearness: int


class MachinesAtWork(View):
    """Where machines can be seen, by technology, the nearest first."""

    items: list[MachineAtWork]
