"""Machines at work: whom to visit before one buys the same."""

from __future__ import annotations

from services.listings.api.table import routes
from services.listings.queries import machines as queries
from services.listings.views.machines import MachinesAtWork, VisitQuery
from shared.auth import PUBLIC
from shared.http.call import Call


@routes.get("/api/v1/machines-at-work", policy=PUBLIC, query=VisitQuery, answer=MachinesAtWork)
async def list_machines_at_work(call: Call, query: VisitQuery) -> MachinesAtWork:
    """List verified businesses that let their machine be seen, the nearest of each technology."""
    async with call.context.db.read() as sql:
        return await queries.to_visit(sql, query)
