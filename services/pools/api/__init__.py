"""The HTTP API of pools: parse, authorise, open the transaction, call a command, answer."""

from __future__ import annotations

from shared.http.routes import Routes

routes = Routes("pools")

from services.pools.api import delivery, live, pledges, pools  # noqa: E402, F401 -- they register their routes
