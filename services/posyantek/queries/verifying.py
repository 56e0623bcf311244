"""The check of everything against its rows and the log."""

from __future__ import annotations

from services.posyantek.regions import load_regions
from services.posyantek.repository import needs_shown as needs
from services.posyantek.repository import posts as repository
from shared.db import Reader
from shared.service import Context, Drift, Findings


async def verify(sql: Reader, _: Context) -> Findings:
    """Compare posts with the regions and the log, officers with the log, needs with supporters and log. States posts' names."""
    findings = Findings(facts={"post_name": {}})
    for row in await repository.posts_and_what_was_said(sql):
        post_id = str(row["id"])
        findings.facts["post_name"][post_id] = row["name"]
        region = load_regions().by_code.get(row["region_code"])
        if region is None or region.level not in {"district", "village"}:
            findings.drifts.append(Drift("a post's region", post_id, "a kecamatan or kelurahan", row["region_code"]))
        kept = (row["name"], row["region_code"])
        said = (row["said_name"], row["said_region_code"])
        if row["times_said"] != 1 or kept != said:
            findings.drifts.append(Drift("a post's registration and the log", post_id, kept, said))
    for row in await repository.service_unlike_what_was_said(sql):
        who = f"{row['post_id']}/{row['account_id']}/{row['role']}"
        findings.drifts.append(Drift("an officer's service and the log", who, row["said"], row["kept"]))
    findings.drifts += await _needs(sql)
    return findings


async def _needs(sql: Reader) -> list[Drift]:
    counted = [
        Drift("a need's counters", str(row["id"]), (row["counted"], row["summed"]), (row["supporters"], row["units"]))
        for row in await needs.unlike_rows(sql)
    ]
    told = [
        Drift("a need and the log", str(row["id"]), row["said"], row["kept"]) for row in await needs.unlike_log(sql)
    ]
    unknown = [
        Drift("a need's technology", str(row["id"]), "one of the catalogue", str(row["technology_id"]))
        for row in await needs.of_unknown_technology(sql)
    ]
    return [*counted, *told, *unknown]
