"""Who may do what with a pool's money, besides the rule that there are two of them."""

from __future__ import annotations

from services.payments.domain.holding import Holding, Pool
from shared.auth import Principal


def operates(who: Principal, pool: Pool) -> bool:
    """An operator of the pool's post, or a province officer."""
    return who.operates(pool.known.post_id)


def keeps_money(who: Principal, pool: Pool) -> bool:
    """Those, and the pool's or the post's treasurer."""
    facts = pool.known
    return (
        operates(who, pool)
        or (who.account_id == facts.treasurer_account_id and who.assisted_by is None)
        or who.holds("treasurer", pool.id)
        or who.holds("treasurer", facts.post_id)
    )


def may_check(who: Principal, pool: Pool) -> bool:
    """The second of two people: one who keeps the pool's money, or an operator of another post."""
    return keeps_money(who, pool) or who.has("operator")


def may_see(who: Principal, holding: Holding) -> bool:
    """Whose pledge it is, who has assisted them, and who keeps the pool's money."""
    return holding.account_id in who.actors or holding.assisted_by in who.actors or keeps_money(who, holding.pool)
