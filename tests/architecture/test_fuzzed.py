"""The API does what its OpenAPI document says: schemathesis asks every operation all it can think of, in a peopled town.

By default the cases are those that follow from the schemas, every boundary and every violation by itself: the same each
time. `FUZZ_EXAMPLES=200` adds so many random cases for each operation.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from itertools import count

import hypothesis
import pytest
import requests
import schemathesis
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.specs.openapi import checks

import services
from shared.discovery import discover
from shared.http.openapi import openapi
from shared.http.paging import encode_cursor
from shared.ids import new_id
from tests.architecture import town

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("fuzzed")]

DOCUMENT = openapi(discover(services), "http://localhost")
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
ENDS_SOMETHING = ("/cancel", "/withdraw", "/archive", "/reject", "/decline", "/erasure", "/extend", "/inspection")


def _last_what_ends_something(operation):
    method, path = operation
    return path.endswith(ENDS_SOMETHING), ["get", "put", "patch", "post", "delete"].index(method), path


ENDLESS = "/stream"
"""A stream of events has no end at which to compare it with a document; tests/pools/test_live_progress.py asks it."""

OPERATIONS = sorted(
    ((method, path) for path, item in DOCUMENT["paths"].items() if not path.endswith(ENDLESS) for method in item),
    key=_last_what_ends_something,
)
TAUGHT = {
    "account_number": "1234567890",
    "code": "123456",
    "cursor": encode_cursor(new_id()),
    "deadline": "2031-01-01T00:00:00Z",
    "phone": "081234567890",
    "to": "081234567890",
    "whatsapp": "081234567890",
}
"""Values that a schema alone does not lead to."""
NEEDS_A_SECRET = {
    "POST /api/v1/accounts/{account_id}/grants/revoke",  # account, role and scope must be those of one grant
    "POST /api/v1/assistance",
    "POST /api/v1/sessions",
    "DELETE /api/v1/sessions/current",
    "POST /api/v1/tokens",
    "POST /api/v1/webhooks/stripe",
}
"""Where nobody gets further by guessing than to be told no: a code, a token, a signature, values that belong together."""
NOT_ABOUT_THIS = [
    checks.ignored_auth,  # test_routes.py tries every kind of caller and of worthless token
    checks.use_after_free,
    checks.ensure_resource_availability,
    checks.positive_data_acceptance,  # what the schema takes, a rule may refuse
]
AT_THE_DOOR = {400, 401, 403, 404, 405, 413, 415}


def taught(document, ids):
    """Tell the document what there is in the town: the ids of the path, and values of fields and parameters besides others."""
    known = ids | {name: [value] for name, value in TAUGHT.items()}

    def besides(name, schema):
        return {"anyOf": [{"type": "string", "enum": known[name]}, schema]} if name in known else schema

    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    parameter["schema"] = {**parameter["schema"], "enum": known[parameter["name"]]}
                else:
                    parameter["schema"] = besides(parameter["name"], parameter["schema"])
            if "requestBody" in operation:
                name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                properties = document["components"]["schemas"][name]["properties"]
                properties.update({field: besides(field, schema) for field, schema in properties.items()})
    return document


@pytest.fixture(scope="module")
async def asked(run_services, module_dsn):
    """Ask an operation everything; gives how often which status came."""
    async with run_services(module_dsn, first_officer=town.OFFICER, code_limit_factor=1000) as (_, client):
        found = await town.build(client.base_url)
        document = taught(openapi(discover(services), client.base_url), found.ids)
        config = schemathesis.Config.from_dict(
            {"generation": {"with-security-parameters": False}, "phases": {"coverage": {"unexpected-methods": []}}}
        )
        schema = schemathesis.openapi.from_dict(document, config=config)
        tokens = [client.token(who) for who in found.people.values()]
        newcomer = client.token(found.newcomer)
        with requests.Session() as session:
            session.trust_env = False
            yield lambda method, path: _ask(
                schema[path][method], client.base_url, session, [newcomer] if path.endswith("/erasure") else [*tokens]
            )


async def _ask(operation, base_url, session, callers):
    statuses, turn = Counter(), count()

    def send(case, token):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = case.call(base_url=base_url, session=session, headers=headers)
        case.validate_response(response, headers=headers, excluded_checks=NOT_ABOUT_THIS)
        statuses[response.status_code] += 1
        if response.status_code >= 400:
            problem = response.json()
            assert problem["status"] == response.status_code
            place, _, slug = problem["type"].rpartition("/")
            assert (place, bool(slug)) == ("/problems", True)
        else:
            assert str(response.status_code) in operation.definition.raw["responses"], (
                "a success that is not documented"
            )
        return response.status_code

    def ask(case):
        """Send it now and then as nobody, else as whoever got past the door; until somebody has, as one after the other."""
        if next(turn) % 8 == 7:
            send(case, None)
            return
        for token in list(callers):
            status = send(case, token)
            if status not in AT_THE_DOOR:
                callers.remove(token)
                callers.insert(0, token)
            if status not in {403, 404} or set(statuses) - AT_THE_DOOR:
                return

    test = create_test(
        operation=operation,
        test_func=ask,
        config=HypothesisTestConfig(
            project=operation.schema.config,
            modes=[HypothesisTestMode.COVERAGE] + [HypothesisTestMode.FUZZING] * bool(EXAMPLES),
            settings=hypothesis.settings(
                max_examples=EXAMPLES or 1,
                derandomize=True,
                database=None,
                deadline=None,
                suppress_health_check=list(hypothesis.HealthCheck),
            ),
        ),
    )
    await asyncio.to_thread(test)  # it blocks, and the services run in this loop
    return statuses


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
async def test_operation_does_what_the_document_says(asked, method, path):
    statuses = await asked(method, path)
    if f"{method.upper()} {path}" not in NEEDS_A_SECRET:
        assert set(statuses) - AT_THE_DOOR, f"every case was stopped at the door: {statuses}"
