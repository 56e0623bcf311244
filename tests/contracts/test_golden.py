"""The wire form of every event is on file, so that a change of it is seen in review.

After a deliberate, additive change: `python -m tests.contracts.write_golden`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.contracts import all_events
from tests.contracts.write_golden import example_of

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("type_", sorted(all_events()))
def test_event_keeps_its_wire_form(type_):
    event = all_events()[type_]
    on_file = json.loads((GOLDEN / f"{type_}.json").read_text())
    assert json.loads(example_of(event).model_dump_json()) == on_file
    assert event.model_validate(on_file) == example_of(event)


def test_no_golden_file_is_left_of_an_event_that_is_gone():
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(all_events())


@pytest.mark.parametrize("type_", sorted(all_events()))
def test_event_ignores_members_that_a_newer_publisher_added(type_):
    event = all_events()[type_]
    on_file = json.loads((GOLDEN / f"{type_}.json").read_text())
    assert event.model_validate({**on_file, "something_new": 1}) == example_of(event)


PERSONAL = ("name", "phone", "email", "account_number", "account_holder", "address")
PUBLIC_NAMES = ("name_id", "name_en", "supplier_name", "technology_name", "region_name", "bank_name")


@pytest.mark.parametrize("type_", sorted(all_events()))
def test_permanent_events_carry_no_personal_data(type_):
    """Names of posts, businesses and suppliers are public; a person's name or contact is not."""
    event = all_events()[type_]
    public = {"posyantek.post_registered.v1", "listings.business_registered.v1", "listings.business_changed.v1"}
    public |= {"offers.supplier_registered.v1"}
    public |= {kind for kind in all_events() if kind.startswith("listings.listing_")}
    if event.transient or type_ in public:
        return
    suspicious = [field for field in event.model_fields if field in PERSONAL and field not in PUBLIC_NAMES]
    assert suspicious == []
