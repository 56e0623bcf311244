"""The events that services publish, one module per publishing service, as pydantic models.

An event's name is its routing key and its CloudEvents type: `<service>.<past_tense>.v1`. Changes are additive only;
anything else is a new event with `.v2`. The golden files in `tests/contracts/golden/` make a wire change visible.
"""

from __future__ import annotations

from shared.contracts import identity, listings, notifications, offers, payments, pools, posyantek
from shared.contracts.base import Event

MODULES = (identity, posyantek, listings, offers, pools, payments, notifications)


def events_of(service: str) -> list[str]:
    """List the types that a service says."""
    return sorted(type_ for type_ in all_events() if type_.startswith(f"{service}."))


def all_events() -> dict[str, type[Event]]:
    """Give every event class by its type."""
    found: dict[str, type[Event]] = {}
    for module in MODULES:
        for name, value in vars(module).items():
            if name.startswith("_"):  # bases that only share fields
                continue
            if isinstance(value, type) and issubclass(value, Event) and value.__module__ == module.__name__:
                assert value.type not in found, f"two events are called {value.type}"
                found[value.type] = value
    return found
