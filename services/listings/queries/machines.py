"""Machines at work, as people may see them: only where a business says that visitors are welcome."""

from __future__ import annotations

from services.listings.repository import machines
from services.listings.views.machines import MachineAtWork, MachinesAtWork, VisitQuery
from shared.db import Reader


async def to_visit(sql: Reader, query: VisitQuery) -> MachinesAtWork:
    """Give the nearest businesses to visit for each technology."""
    rows = await machines.to_visit(sql, query.technology_ids, query.near, query.each)
    return MachinesAtWork(items=[MachineAtWork.model_validate(dict(row)) for row in rows])
