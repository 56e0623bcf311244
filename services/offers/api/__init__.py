"""The HTTP API of offers, a module per story; importing them fills the route table."""

from services.offers.api import matches, offers, orders, suppliers, technologies
from services.offers.api.table import routes

__all__ = ["matches", "offers", "orders", "routes", "suppliers", "technologies"]
