"""The table of consumers, filled by the modules of this package."""

from __future__ import annotations

from shared.service import Consumers

consumers = Consumers()
