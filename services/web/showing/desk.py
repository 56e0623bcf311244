"""The desk's queue: everything that waits at a post, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from shared.ids import made_at

Json = Mapping[str, Any]

TARGETS: Final[Mapping[str, timedelta]] = {
    "transfer": timedelta(hours=4),
    "confirmation": timedelta(hours=12),
    "refund": timedelta(days=1),
    "payout": timedelta(days=1),
    "goods": timedelta(days=1),
    "report": timedelta(days=1),
    "pool": timedelta(days=2),
    "inspection": timedelta(days=2),
    "appeal": timedelta(days=2),
    "business": timedelta(days=3),
    "permit": timedelta(days=3),
    "supplier": timedelta(days=3),
}
"""Within which time a person may expect each kind of work to be done: money first, then what keeps others waiting."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. `since`: waiting from then on; `due`: after that it is too late."""

    kind: str
    id: str
    since: datetime
    item: Json
    due: datetime | None = None

    @property
    def wanted_by(self) -> datetime:
        """By when it should be done: within its kind's target, and before it is too late."""
        target = self.since + TARGETS[self.kind]
        return min(target, self.due) if self.due else target

    @property
    def has_own_page(self) -> bool:
        """Whether it is done on a page of its own, to which the desk leads."""
        return self.kind in {"inspection", "report", "appeal"}

    @property
    def account_ids(self) -> list[str]:
        """The people whom it names."""
        return [self.item[name] for name in ("account_id", "prepared_by", "owner_account_id") if self.item.get(name)]


def queue(tasks: Iterable[Task]) -> list[Task]:
    """Put the most urgent first."""
    return sorted(tasks, key=lambda task: (task.wanted_by, task.id))


def pool_tasks(items: Sequence[Json], whole: Mapping[str, Json]) -> list[Task]:
    """Pools to check, goods that are on their way, machines to test. `whole`: the ordered pools with their orders."""
    tasks = []
    for item in items:
        match item["state"]:
            case "in_review":
                tasks.append(Task("pool", item["id"], made_at(UUID(item["id"])), item, item["deadline"]))
            case "delivered":
                tasks.append(Task("inspection", item["id"], item["deadline"], item))
            case "ordered" if (pool := whole.get(item["id"])) and _is_on_its_way(pool):
                tasks.append(Task("goods", item["id"], item["deadline"], pool))
    return tasks


def _is_on_its_way(pool: Json) -> bool:
    order = pool["order"]
    return order is not None and order["dispatched_units"] > order["received_units"]


def business_tasks(items: Sequence[Json]) -> list[Task]:
    """Businesses to verify."""
    return [Task("business", item["id"], item["registered_at"], item) for item in items]


def permit_tasks(items: Sequence[Json]) -> list[Task]:
    """Permits to compare with their paper; a business may have several."""
    return [
        Task("permit", f"{item['business_id']}-{item['kind']}", datetime.fromisoformat(item["since"]), item)
        for item in items
    ]


def supplier_tasks(items: Sequence[Json]) -> list[Task]:
    """Suppliers to verify."""
    return [Task("supplier", item["id"], made_at(UUID(item["id"])), item) for item in items]


def case_tasks(items: Sequence[Json]) -> list[Task]:
    """Reported and suspicious products, and appeals of their owners."""
    return [
        Task(
            "appeal" if item["state"] == "appealed" else "report",
            item["id"],
            datetime.fromisoformat(item["since"]),
            item,
        )
        for item in items
    ]


def payment_tasks(items: Sequence[Json]) -> list[Task]:
    """Transfers to look for on the account, and pledges to stand for."""
    return [Task(item["kind"], item["payment_id"] or item["pledge_id"], item["at"], item) for item in items]


def refund_tasks(items: Sequence[Json]) -> list[Task]:
    """Refunds by hand."""
    return [Task("refund", item["id"], item["at"], item) for item in items]


def payout_tasks(items: Sequence[Json]) -> list[Task]:
    """Stages to pay to suppliers."""
    return [Task("payout", item["id"], item["at"], item) for item in items]


def age(since: datetime, now: datetime) -> tuple[str, int]:
    """How long something has waited: the unit ("minutes", "hours" or "days") and how many of it, rounded down."""
    minutes = max(0, int((now - since) / timedelta(minutes=1)))
    if minutes < 60:
        return "minutes", minutes
    if minutes < 48 * 60:
        return "hours", minutes // 60
    return "days", minutes // 1440
