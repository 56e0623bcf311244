"""The route table of listings."""

from __future__ import annotations

from shared.http.routes import Routes

routes = Routes("listings")
