"""The HTTP API of listings, a module per story; importing them fills the route table."""

from services.listings.api import businesses, products, searching
from services.listings.api.table import routes

__all__ = ["businesses", "products", "routes", "searching"]
