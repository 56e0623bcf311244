"""The HTTP API of listings, a module per story; importing them fills the route table."""

from services.listings.api import (
    attention,
    businesses,
    campaigns,
    coaching,
    enquiries,
    histories,
    imports,
    machines,
    managers,
    moderation,
    permits,
    photos,
    products,
    promotions,
    searching,
)
from services.listings.api.table import routes

__all__ = [
    "attention",
    "businesses",
    "campaigns",
    "coaching",
    "enquiries",
    "histories",
    "imports",
    "machines",
    "managers",
    "moderation",
    "permits",
    "photos",
    "products",
    "promotions",
    "routes",
    "searching",
]
