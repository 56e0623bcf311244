"""Every route × every kind of caller; and the documents that are made from the route table."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

import services
from shared.asyncapi import asyncapi
from shared.auth import Grant, Principal, sign_token
from shared.contracts import all_events
from shared.discovery import discover
from shared.http.openapi import openapi
from shared.ids import new_id
from shared.keys import load_token_keys

EVERYTHING = discover(services)
ROUTES = [(service, route) for service in EVERYTHING for route in service.routes.all]
API_ROUTES = [(service, route) for service, route in ROUTES if route.path.startswith("/api/")]
ON_FILE = Path(__file__).parent / "routes.txt"


def caller(*grants: tuple[str, str], assisted: bool = False) -> Principal:
    held = frozenset(Grant(role, kind, new_id()) for role, kind in grants)
    return Principal(new_id(), held, new_id() if assisted else None)


CALLERS = {
    "account": caller(),
    "assisted": caller(assisted=True),
    "owner": caller(("owner", "business")),
    "operator": caller(("operator", "post")),
    "chair": caller(("chair", "post")),
    "supplier": caller(("supplier", "supplier")),
    "initiator": caller(("initiator", "group")),
    "treasurer": caller(("treasurer", "group")),
    "officer": caller(("officer", "province")),
    "assisted operator": caller(("operator", "post"), assisted=True),
    "assisted officer": caller(("officer", "province"), assisted=True),
}


def address(route) -> str:
    return re.sub(
        r"{(\w+)(?::[^}]*)?}", lambda match: str(new_id()) if match[1].endswith("_id") else "kosong", route.path
    )


@pytest.fixture(scope="module")
async def system(run_services, module_dsn):
    async with run_services(module_dsn) as (runner, client):
        yield runner, client


@pytest.mark.parametrize(
    ("service", "route"), API_ROUTES, ids=[f"{route.method} {route.path}" for _, route in API_ROUTES]
)
async def test_policy_holds_for_every_kind_of_caller(system, service, route):
    _, client = system
    body = None if route.method == "GET" else {}
    nobody = await client.send(route.method, address(route), body=body)
    for name, who in CALLERS.items():
        reply = await client.send(route.method, address(route), who, body=body)
        allowed = route.policy.allows is None or route.policy.allows(who)
        if not allowed:
            assert (reply.status, reply.slug) == (403, "not-allowed"), f"{name} passed"
        elif route.policy.allows is not None:
            assert reply.status != 401, f"{name} was stopped at the door"
        assert reply.status < 500, f"{name}: {reply.body}"
    if route.policy.allows is not None:
        assert (nobody.status, nobody.slug) == (401, "not-signed-in")
    assert nobody.status < 500


@pytest.mark.parametrize(
    ("service", "route"),
    [(service, route) for service, route in API_ROUTES if route.policy.allows is not None],
    ids=[f"{route.method} {route.path}" for _, route in API_ROUTES if route.policy.allows is not None],
)
async def test_worthless_tokens_open_nothing(system, service, route, tmp_path_factory):
    runner, client = system
    keys = load_token_keys(runner.contexts[service.name].settings)
    stranger_settings = runner.contexts[service.name].settings.model_copy(
        update={"data_dir": tmp_path_factory.getbasetemp() / "stranger"}
    )
    stranger = load_token_keys(stranger_settings)
    who, now = CALLERS["officer"], datetime.now(UTC)
    good = sign_token(keys, who, now)
    head, payload, signature = good.split(".")
    worthless = {
        "expired": sign_token(keys, who, now - timedelta(minutes=10)),
        "foreign key": sign_token(stranger, who, now),
        "no algorithm": f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.",
        "cut": f"{head}.{payload}.{signature[:-4]}",
        "nonsense": "abc",
    }
    for name, token in worthless.items():
        reply = await client.send(route.method, address(route), token, body=None if route.method == "GET" else {})
        assert (reply.status, reply.slug) == (401, "not-signed-in"), name


def test_route_table_is_the_one_that_was_reviewed():
    """After a deliberate change: `python -m tests.architecture.write_routes`."""
    lines = [
        f"{route.method:6} {route.path}  [{route.policy.name}]{'  money' if route.money else ''}" for _, route in ROUTES
    ]
    assert sorted(lines) == ON_FILE.read_text().splitlines()


def test_first_segment_of_a_path_belongs_to_one_service():
    owners: dict[str, set[str]] = {}
    for service, route in API_ROUTES:
        owners.setdefault(route.path.split("/")[3], set()).add(service.name)
    assert {segment: names for segment, names in owners.items() if len(names) > 1} == {}


def test_every_route_says_what_it_does():
    assert [route.path for _, route in API_ROUTES if not route.handle.__doc__] == []


def test_openapi_document_is_valid_and_complete():
    document = openapi(EVERYTHING, "https://example.test")
    OpenAPIV31SpecValidator(document).validate()
    documented = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert documented == {(route.method, re.sub(r"{(\w+):[^}]*}", r"{\1}", route.path)) for _, route in API_ROUTES}


def test_every_answer_of_the_api_has_a_model():
    nameless = [
        f"{route.method} {route.path}" for _, route in API_ROUTES if route.answer is None and route.status == 200
    ]
    allowed = {line for line in nameless if line.startswith(("DELETE", "POST"))} | {
        "GET /api/v1/ledger/pools/{pool_id}.csv",
        "GET /api/v1/jwks",
    }
    assert set(nameless) <= allowed


def test_asyncapi_document_names_every_event_and_hearer():
    document = asyncapi(EVERYTHING)
    assert {channel["address"] for channel in document["channels"].values()} == set(all_events())
    for reference in re.findall(r"'\$ref': '#/([^']+)'", repr(document)):
        node = document
        for part in reference.split("/"):
            node = node[part]
    for message in document["components"]["messages"].values():
        Draft202012Validator.check_schema({**message["payload"], "components": document["components"]})


def test_every_event_heard_is_said_by_somebody():
    heard = {type_ for service in EVERYTHING for type_ in service.consumers.types()}
    assert heard <= set(all_events())
