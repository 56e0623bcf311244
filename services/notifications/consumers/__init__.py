"""What notifications hears, by whom it concerns.

Copies of others' facts are projections. Telling is a reaction; so is what hangs on it: a pledge is kept as its member was
last told of it, to tell only what is new.
"""

from __future__ import annotations

from services.notifications.consumers import (  # noqa: F401 -- each fills the table
    goods,
    money,
    needs,
    officers,
    orders,
    owners,
    people,
    pledges,
    pools,
)
from services.notifications.consumers.table import consumers

__all__ = ["consumers"]
