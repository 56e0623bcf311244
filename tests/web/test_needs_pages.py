"""*Papan kebutuhan* as people meet it, without JavaScript."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from services.demo.people import Person
from shared.ids import new_id

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
async def market(site):
    """A post with operators, and a machine that a supplier offers."""
    return await site.scene.market()


@pytest.fixture(scope="module")
async def other(site, market):
    """Another post."""
    return await site.scene.post_of(market.officer)


@pytest.fixture(scope="module")
async def machines(site, market):
    """Machines that nobody offers."""
    found = (await market.owner.get("/technologies?limit=100"))["items"]
    return [item for item in found if item["id"] != market.technology["id"]]


@pytest.fixture
def machine(machines):
    """A machine that only this test speaks of."""
    return machines.pop()


async def raised(person: Person, post, machine, **more):
    return await person.post("/needs", {"post_id": post["id"], "technology_id": machine["id"], **more})


async def test_a_need_is_written_from_the_machines_page(site, market, machine):
    page = await site.browser().open(f"/ttg/{machine['slug']}")
    assert "Belum ada yang menulis kebutuhan" in page.text
    onward = f"/kebutuhan/baru?alat={machine['id']}"
    assert onward in page.links
    assert (await site.browser().open(onward)).path.startswith("/masuk?lanjut="), "who is not logged in does that first"
    person = await site.scene.somebody()
    browser = site.browser(person)
    form = await browser.open(onward)
    assert machine["name_id"] in form.text
    wrong = await browser.send(form, "/kebutuhan/baru", units="banyak", note="Untuk dodol.")
    assert wrong.status == 422
    assert 'id="f-units-error"' in wrong.html
    assert 'id="f-posyantek-error"' in wrong.html
    assert wrong.form("/kebutuhan/baru").values["note"] == "Untuk dodol.", "what was typed stays"
    assert machine["name_id"] in wrong.text
    many = await browser.send(wrong, "/kebutuhan/baru", units="101", posyantek=market.post["id"])
    assert (many.status, "Paling banyak 100." in many.text) == (400, True)
    shown = await browser.send(many, "/kebutuhan/baru", units="2")
    assert "Kebutuhan Anda tercatat" in shown.text
    assert "Kurang 2 orang lagi" in shown.text
    assert "Untuk dodol." in shown.text
    assert person.name not in (await site.browser().open(shown.path)).html, "nobody's name is shown"
    again = await site.browser().open(f"/ttg/{machine['slug']}")
    assert shown.path in again.links
    assert "1 orang butuh" in again.text


async def test_without_a_machine_or_with_an_unknown_one_it_is_chosen_on_the_form(site, market, machine):
    browser = site.browser(await site.scene.somebody())
    for path in ("/kebutuhan/baru", f"/kebutuhan/baru?alat={new_id()}", "/kebutuhan/baru?alat=spinner"):
        form = await browser.open(f"{path}{'&' if '?' in path else '?'}posyantek={market.post['id']}")
        assert form.form("/kebutuhan/baru").values["posyantek"] == market.post["id"]
        assert 'select id="f-alat"' in form.html
    unchosen = await browser.send(form, "/kebutuhan/baru")
    assert 'id="f-alat-error"' in unchosen.html
    shown = await browser.send(unchosen, "/kebutuhan/baru", alat=machine["id"])
    assert machine["name_id"] in shown.text


async def test_whoever_writes_the_same_joins(site, market, machine):
    need = await raised(market.owner, market.post, machine)
    browser = site.browser(await site.scene.somebody())
    form = await browser.open(f"/kebutuhan/baru?alat={machine['id']}&posyantek={market.post['id']}")
    shown = await browser.send(form, "/kebutuhan/baru", units="3")
    assert shown.path == f"/kebutuhan/{need['id']}"
    assert "sudah ada di papan, jadi Anda ikut di sini" in shown.text
    assert "Kurang 1 orang lagi" in shown.text


async def test_neighbours_join_until_it_is_mature_and_one_may_leave(site, market):
    need = await raised(market.owner, market.post, market.technology)
    path = f"/kebutuhan/{need['id']}"
    public = await site.browser().open(path)
    assert not public.has_form(path)
    assert f"/masuk?lanjut={path}" in public.links
    shared = next(link for link in public.links if link.startswith("https://wa.me/"))
    assert path in parse_qs(urlsplit(shared).query)["text"][0]
    browser = site.browser(await site.scene.somebody())
    page = await browser.open(path)
    wrong = await browser.send(page, f"{path}/ikut", units="nol")
    assert (wrong.status, 'id="f-units-error"' in wrong.html) == (422, True)
    joined = await browser.send(wrong, f"{path}/ikut", units="4")
    assert "Tercatat: Anda ikut" in joined.text
    assert "Kurang 1 orang lagi" in joined.text
    changed = await browser.send(joined, f"{path}/ikut", units="2")
    assert "Ubah jumlah" in changed.text
    assert changed.form(f"{path}/ikut").values["units"] == "2"
    assert f"/ttg/{market.technology['slug']}#penawaran" not in changed.links
    third = site.browser(await site.scene.somebody())
    mature = await third.send(await third.open(path), f"{path}/ikut")
    assert "sudah cukup banyak untuk urun beli" in mature.text
    assert f"/ttg/{market.technology['slug']}#penawaran" in mature.links, "somebody offers it"
    left = await third.send(mature, f"{path}/batal")
    assert "Anda tidak ikut lagi." in left.text
    assert "Saatnya mengusulkan urun beli" in left.text, "it stays mature"
    assert "Saya juga butuh" in left.text


async def test_mature_need_that_nobody_offers_says_so(site, market, machine):
    need = await raised(market.owner, market.post, machine)
    for _ in range(2):
        await raised(await site.scene.somebody(), market.post, machine)
    page = await site.browser().open(f"/kebutuhan/{need['id']}")
    assert "Belum ada pemasok yang menawarkan alat ini" in page.text
    assert not [link for link in page.links if link.endswith("#penawaran")]


async def test_operator_of_the_post_closes_it_with_a_reason(site, market, machine):
    need = await raised(market.owner, market.post, machine)
    path = f"/kebutuhan/{need['id']}"
    for person in (market.owner, await site.scene.somebody()):
        assert not (await site.browser(person).open(path)).has_form(f"{path}/tutup")
    browser = site.browser(market.operator)
    page = await browser.open(path)
    unchosen = await browser.send(page, f"{path}/tutup", keterangan="Daya listrik belum kuat.")
    assert 'id="f-alasan-error"' in unchosen.html
    assert unchosen.form(f"{path}/tutup").values["keterangan"] == "Daya listrik belum kuat."
    old = site.browser(await site.scene.somebody())
    old_page = await old.open(path)
    closed = await browser.send(unchosen, f"{path}/tutup", alasan="not_feasible")
    assert "Kebutuhan ditutup" in closed.text
    for words in ("Belum bisa dipenuhi", "Daya listrik belum kuat."):
        assert words in (await site.browser().open(path)).text
    late = await old.send(old_page, f"{path}/ikut")
    assert late.status == 409
    assert "tulis kebutuhan baru" in late.text
    assert path not in (await site.browser().open("/kebutuhan")).links


async def test_board_is_filtered_and_paged_and_says_where_it_is_empty(site, market, other, machines):
    chosen = [machines.pop() for _ in range(13)]
    people = [await site.scene.somebody() for _ in range(3)]
    needs = [await raised(people[0], other, machine) for machine in chosen]
    for person in people[1:]:
        await raised(person, other, chosen[5])
    browser = site.browser(people[1])
    here = f"/kebutuhan?posyantek={other['id']}"
    first = await browser.open(here)
    ours = [f"/kebutuhan/{need['id']}" for need in needs]
    listed = [link for link in first.links if link in ours]
    assert (listed[0], len(listed)) == (ours[5], 12), "most wanted first"
    assert "Anda ikut" in first.text
    rest = await browser.open(next(link for link in first.links if "cursor=" in link))
    assert [link for link in rest.links if link in ours] == [path for path in ours if path not in listed]
    newest = await browser.open(f"{here}&urut=terbaru")
    assert next(link for link in newest.links if link in ours) == ours[-1]
    one = await browser.open(f"{here}&alat={chosen[0]['id']}")
    assert [link for link in one.links if link in ours] == [ours[0]]
    assert f"/kebutuhan/baru?alat={chosen[0]['id']}&posyantek={other['id']}" in one.links
    empty = await browser.open(f"/kebutuhan?posyantek={new_id()}")
    assert "Belum ada kebutuhan di sini" in empty.text
    page = await site.browser().open(f"/posyantek/{other['slug']}")
    assert next(link for link in page.links if link in ours) == ours[5]
    assert len([link for link in page.links if link in ours]) == 3
    assert here in page.links


async def test_board_is_found_from_the_catalogue_and_unknown_needs_are_not(site):
    assert "/kebutuhan" in (await site.browser().open("/ttg")).links
    for path in (f"/kebutuhan/{new_id()}", "/kebutuhan/spinner"):
        assert (await site.browser().open(path)).status == 404
