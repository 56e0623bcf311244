"""Needs may be raised, supported, left and closed in any order: what is said of them is always what is so."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.posyantek.domain import needs as rules
from services.posyantek.domain.needs import MATURES_AT, Need
from services.posyantek.refusals import NeedIsClosed
from shared.ids import new_id

POST, TECHNOLOGY, OPERATOR = new_id(), new_id(), new_id()
PEOPLE = [new_id() for _ in range(6)]
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["support", "support", "support", "withdraw", "forget", "close"]),
        st.sampled_from(PEOPLE),
        st.integers(1, 100),
    ),
    max_size=40,
)


def fresh(units=2):
    return rules.raised(new_id(), POST, TECHNOLOGY, PEOPLE[0], units)


def names(step):
    return [type(saying).__name__ for saying in step.says]


def grown(supporters):
    """A need that so many people support, with one unit each."""
    need = fresh(1).need
    for person in PEOPLE[1:supporters]:
        need = rules.supported(need, person, 1, None).need
    return need


@given(DEEDS)
def test_whatever_people_do_counts_agree_and_each_thing_is_said_once(deeds):
    step = fresh()
    need, wants, said = step.need, {PEOPLE[0]: 2}, list(step.says)
    was_closed = False
    for deed, person, units in deeds:
        before = wants.get(person)
        try:
            if deed == "support":
                step = rules.supported(need, person, units, before)
                wants[person] = units
            elif deed == "withdraw":
                step = rules.withdrawn(need, person, before)
                wants.pop(person, None)
            elif deed == "forget":
                if before is None:
                    continue
                step = rules.forgotten(need, person, before)
                wants.pop(person)
            else:
                step = rules.closed(need, "fulfilled", OPERATOR)
        except NeedIsClosed:
            assert need.state == "closed"
            continue
        need, was_closed = step.need, was_closed or step.need.state == "closed"
        said += step.says
        assert (need.supporters, need.units) == (len(wants), sum(wants.values()))
        assert need.version == len(said), "the version counts what was said"
        assert (need.state == "closed") == was_closed, "closed is for ever"
        assert wants or need.state == "closed", "no need stands that nobody has"
        if said:
            assert (said[-1].supporters, said[-1].units) == (need.supporters, need.units)
    kinds = [type(saying).__name__ for saying in said]
    assert kinds[0] == "NeedRaised"
    assert max(kinds.count(once) for once in ("NeedRaised", "NeedMatured", "NeedClosed")) == 1
    enough = [place for place, saying in enumerate(said) if saying.supporters >= MATURES_AT]
    if "NeedMatured" in kinds:
        assert kinds.index("NeedMatured") == enough[0] + 1, "at once"
    else:
        assert not enough
    if need.state != "closed":
        assert (need.state == "matured") == ("NeedMatured" in kinds)


def test_third_supporter_matures_it_and_the_fourth_says_nothing_of_it():
    second = rules.supported(fresh().need, PEOPLE[1], 1, None)
    third = rules.supported(second.need, PEOPLE[2], 5, None)
    fourth = rules.supported(third.need, PEOPLE[3], 1, None)
    assert [names(step) for step in (second, third, fourth)] == [
        ["NeedSupported"], ["NeedSupported", "NeedMatured"], ["NeedSupported"],
    ]  # fmt: skip
    assert (third.need.state, third.need.supporters, third.need.units) == ("matured", 3, 8)


def test_leaving_does_not_unmature_and_coming_back_does_not_mature_again():
    need = grown(3)
    left = rules.withdrawn(need, PEOPLE[2], 1)
    assert (left.need.state, left.need.supporters) == ("matured", 2)
    assert names(rules.supported(left.need, PEOPLE[4], 1, None)) == ["NeedSupported"]


@pytest.mark.parametrize("state", ["open", "matured"])
def test_last_one_who_leaves_closes_it(state):
    step = rules.withdrawn(replace(fresh().need, state=state), PEOPLE[0], 2)
    assert names(step) == ["NeedSupportWithdrawn", "NeedClosed"]
    assert (step.need.state, step.says[-1].ending, step.says[-1].closed_by) == ("closed", "abandoned", None)


def test_other_number_of_units_is_said_and_the_same_is_not():
    need = fresh(2).need
    more = rules.supported(need, PEOPLE[0], 5, 2)
    assert (names(more), more.need.supporters, more.need.units) == (["NeedSupported"], 1, 5)
    assert rules.supported(more.need, PEOPLE[0], 5, 5).says == ()
    assert rules.withdrawn(need, PEOPLE[1], None).says == (), "who is not in it cannot leave it"


def test_closed_need_takes_nothing_but_forgetting():
    need = rules.closed(grown(2), "duplicate", OPERATOR).need
    for attempt in (
        lambda: rules.supported(need, PEOPLE[3], 1, None),
        lambda: rules.withdrawn(need, PEOPLE[0], 1),
        lambda: rules.withdrawn(need, PEOPLE[5], None),
        lambda: rules.closed(need, "fulfilled", OPERATOR),
    ):
        with pytest.raises(NeedIsClosed):
            attempt()
    gone = rules.forgotten(rules.forgotten(need, PEOPLE[0], 1).need, PEOPLE[1], 1)
    assert (names(gone), gone.need.supporters, gone.need.units) == (["NeedSupportWithdrawn"], 0, 0)


def test_what_is_said_names_the_operator_and_no_supporter():
    need = grown(3)
    (closing,) = rules.closed(need, "not_feasible", OPERATOR).says
    assert closing.model_dump() == {
        "need_id": need.id, "post_id": POST, "technology_id": TECHNOLOGY, "supporters": 3, "units": 3,
        "ending": "not_feasible", "closed_by": OPERATOR,
    }  # fmt: skip
    assert isinstance(need, Need)


@pytest.mark.parametrize(
    ("state", "supporters", "missing"),
    [("open", 1, 2), ("open", 2, 1), ("matured", 3, 0), ("matured", 1, 0), ("closed", 0, 0), ("closed", 2, 0)],
)
def test_it_is_told_how_many_are_missing(state, supporters, missing):
    assert rules.missing(state, supporters) == missing
