"""The people around the pools: a market that is built once, and members with a plan each."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from services.demo.market import Scene
from services.demo.narrator import Narrator
from services.demo.purchase import CHARGE_FAILS_CARD, GOOD_CARD
from services.demo.story import OFFICER
from shared.auth import Grant, Principal
from shared.ids import new_id
from tests.faults.calls import Api, Call


@dataclass(slots=True)
class Market:
    """The people and things around the pools of a worker."""

    owner: Principal
    operator: Principal
    checker: Principal
    supplier: Principal
    post_id: UUID
    supplier_id: UUID
    technology: dict[str, Any]


async def build_market(api: Api) -> Market:
    """Let a post, its officers and a supplier come to be, over the API, before anything is disturbed."""
    scene = Scene(api, Random("market"), Narrator(quiet=True), OFFICER[1])  # type: ignore[arg-type]  # noqa: S311
    built = await scene.market()
    post_id, supplier_id = UUID(built.post["id"]), UUID(built.offer["supplier_id"])
    at_post = frozenset({Grant("operator", "post", post_id)})
    return Market(
        owner=Principal(UUID(built.owner.account_id)),
        operator=Principal(UUID(built.operator.account_id), at_post),
        checker=Principal(UUID(built.checker.account_id), at_post),
        supplier=Principal(UUID(built.supplier.account_id), frozenset({Grant("supplier", "supplier", supplier_id)})),
        post_id=post_id,
        supplier_id=supplier_id,
        technology=built.technology,
    )


@dataclass(slots=True)
class Member:
    """Somebody's plan for a pool, and what became of it."""

    method: str
    units: int
    tolerance: int
    changes_to: int | None
    leaves: bool
    card: str
    waits_s: float
    who: Principal = field(default_factory=lambda: Principal(new_id()))
    pledge: dict[str, Any] | None = None
    changed: Call | None = None
    left: Call | None = None

    @property
    def path(self) -> str:
        """The holding of the pledge."""
        assert self.pledge is not None
        return f"/holdings/{self.pledge['id']}"

    @classmethod
    def planned(cls, random: Random, *, few: bool) -> Member:
        """Make a plan by chance."""
        return cls(
            method=random.choice(("card", "card", "cash")),
            units=1 if few else random.randint(1, 3),
            tolerance=0 if few else random.choice((0, 0, 1)),
            changes_to=random.randint(1, 3) if not few and random.random() < 0.3 else None,
            leaves=random.random() < 0.2,
            card=random.choice((GOOD_CARD, GOOD_CARD, GOOD_CARD, CHARGE_FAILS_CARD)),
            waits_s=random.random() * 2,
        )
