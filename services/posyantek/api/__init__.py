"""The HTTP API of posyantek, a module per story; importing them fills the route table."""

from services.posyantek.api import needs, posts
from services.posyantek.api.table import routes

__all__ = ["needs", "posts", "routes"]
