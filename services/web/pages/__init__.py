"""The pages, a module for each part of the site."""

from __future__ import annotations

from services.web.pages import access, site
from services.web.routes import routes

__all__ = ["access", "routes", "site"]
