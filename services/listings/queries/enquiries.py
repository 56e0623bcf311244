"""Enquiries, as the owner of the product sees them."""

from __future__ import annotations

from uuid import UUID

from services.listings.queries.owning import require_own
from services.listings.repository import enquiries
from services.listings.views.enquiries import Enquiry
from shared.auth import Principal
from shared.db import Reader
from shared.errors import NotFound
from shared.http.paging import Page, PageQuery, decode_cursor, page


async def get_enquiry(sql: Reader, enquiry_id: UUID) -> Enquiry:
    """Give an enquiry that the caller has just settled. Raises `NotFound`."""
    row = await enquiries.get(sql, enquiry_id)
    if row is None:
        raise NotFound
    return Enquiry.model_validate(dict(row))


async def list_enquiries(sql: Reader, who: Principal, listing_id: UUID, query: PageQuery) -> Page[Enquiry]:
    """List the enquiries about one's own product, newest first. Raises `NotFound`, `NotAllowed`, `BadCursor`."""
    await require_own(sql, who, listing_id)
    rows = await enquiries.list_of_listing(sql, listing_id, decode_cursor(query.cursor, UUID), query.limit + 1)
    return page([Enquiry.model_validate(dict(row)) for row in rows], query.limit, lambda item: item.id)
