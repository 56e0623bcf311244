"""The HTTP API of payments: what is held, money in by hand and by card, refunds, payouts, the cash book, webhooks."""

from services.payments.api import books, cards, holdings, queues, webhooks
from services.payments.api.table import routes

__all__ = ["books", "cards", "holdings", "queues", "routes", "webhooks"]
