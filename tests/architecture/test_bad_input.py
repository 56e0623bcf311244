"""Bad input is harmless: whatever is sent to whichever route, the answer is a problem that says so, never a failure of ours.

Everything here is made from the route table, so that a new route comes under it by itself.
"""

from __future__ import annotations

import json
from itertools import product
from urllib.parse import quote

import pytest

import services
from shared.discovery import discover
from shared.http.paging import PageQuery, encode_cursor
from shared.ids import new_id
from shared.json import dumps
from tests.architecture import town
from tests.architecture.wire import Wire

ROUTES = [route for service in discover(services) for route in service.routes.all if route.path.startswith("/api/")]
# What ends a pool comes last: the others need it alive.
WITH_BODY = sorted((route for route in ROUTES if route.body), key=lambda route: route.path.endswith("/cancel"))
WITH_PATH = [route for route in ROUTES if route.parameters]
WITH_QUERY = [route for route in ROUTES if route.query]
LISTS = [route for route in WITH_QUERY if issubclass(route.query, PageQuery)]
NO_SUCH = "0199c0de-0000-7000-8000-000000000000"


def of(routes):
    return pytest.mark.parametrize("route", routes, ids=[f"{route.method} {route.path}" for route in routes])


class Prober:
    """Sends to routes what is asked for, as people who may do everything there, and looks at every answer."""

    def __init__(self, client, found) -> None:
        self.town = found
        self.wire = Wire(client.base_url)
        self._tokens = [client.token(who).encode() for who in found.people.values()]
        self._best = {}

    async def send(self, route, *, turn=(0, 0), ids=None, query="", body=None, headers=()):
        """Send to a route; whatever comes back must be a success or a problem. `turn`: as whom, about which of the things."""
        sent = {
            "Authorization": b"Bearer " + self._tokens[turn[0]],
            "Idempotency-Key": str(new_id()).encode(),
            "Content-Type": b"application/json",
            **dict(headers),
        }
        target = self.address(route, ids or {}, turn[1]) + query.encode()
        answer = await self.wire.send(route.method, target, sent.items(), body)
        told = f"{route.method} {target[:200]!r} {(body or b'')[:200]!r} {dict(headers)!r:.300} → {answer!r:.900}"
        assert answer.status < 500, told
        assert b"Traceback" not in answer.body, told
        if answer.status >= 400:
            assert answer.slug, told
        return answer, told

    async def send_in_earnest(self, route, body):
        """Send as whoever gets furthest, about a thing in the state that takes it."""
        turns = list(product(range(len(self._tokens)), range(self._things(route))))
        best = self._best.get(route.handle, 0)
        for place in range(len(turns)):
            answer, _ = await self.send(route, turn=turns[(best + place) % len(turns)], body=body)
            if answer.status not in {403, 404, 409}:
                self._best[route.handle] = (best + place) % len(turns)
                return
            if route.handle in self._best:  # found before: this time it is the value
                return
        self._best[route.handle] = best

    def _things(self, route):
        return max((len(self.town.ids.get(name, [""])) for name in route.parameters), default=1)

    def address(self, route, ids, turn):
        """Fill the path with given or real ids."""
        path = route.path
        for name in route.parameters:
            known = self.town.ids.get(name, ["kosong"])
            start = path.index("{" + name)
            path = path[:start] + ids.get(name, known[turn % len(known)]) + path[path.index("}", start) + 1 :]
        return path.encode()

    def example(self, route):
        """A body that the route understands."""
        schema = route.body.model_json_schema()
        return example_of(schema, schema.get("$defs", {}), "", self.town.ids)


TAUGHT = {
    "code": "123456",
    "deadline": "2031-01-01T00:00:00Z",
    "phone": "081234567890",
    "return_url_path": "/urun",
    "to": "081234567890",
    "whatsapp": "081234567890",
}
"""Values of text fields whose schema does not say enough."""


def example_of(schema, definitions, name, ids):
    """Make a value of a JSON schema; a field that names a thing of the town gets its id."""
    if "$ref" in schema or "anyOf" in schema:
        inner = definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["anyOf"][0]
        return example_of(inner, definitions, name, ids)
    if schema["type"] == "object":
        return {field: example_of(part, definitions, field, ids) for field, part in schema["properties"].items()}
    if schema["type"] == "array":
        return [example_of(schema["items"], definitions, name, ids)]
    if schema.get("format") == "uuid":
        return ids.get(name.removeprefix("treasurer_"), [NO_SUCH])[0]
    options = [schema["const"]] if "const" in schema else schema.get("enum") or schema.get("examples")
    taught = TAUGHT.get(name, "12345") if schema["type"] == "string" else max(schema.get("minimum", 1), 1)
    return options[0] if options else True if schema["type"] == "boolean" else taught


@pytest.fixture(scope="module")
async def prober(run_services, module_dsn):
    async with run_services(module_dsn, first_officer=town.OFFICER, code_limit_factor=1000) as (_, client):
        prober = Prober(client, await town.build(client.base_url))
        yield prober
        await prober.wire.close()


@of(WITH_BODY)
def test_example_is_understood(route):
    """Or else nothing below would reach the field that it is about."""
    schema = route.body.model_json_schema()
    route.body.model_validate_json(dumps(example_of(schema, schema.get("$defs", {}), "", {})))


NEVER = {
    "NUL": b'"a\\u0000b"',
    "lone surrogate": b'"a\\ud800b"',
    "NaN": b"NaN",
    "over-long": b'"' + b"a" * 30_000 + b'"',
    "huge": b"1" + b"0" * 30,
    "huge exponent": b"-1e400",
    "an object": b'{"a": [[[[1]]]]}',
}
"""What no field takes."""
PERHAPS = {
    "all": [b"null", b'""', b"[]", b"true", b"-1", b"0.5", b'"1"', b'["a", "a"]', b"9223372036854775808"],
    "integer": [b"0", b"1.0", b"2147483648", b"99999999999999", b'"1e3"'],
    "string": [
        b'"   "',
        b'"a\\nb\\r\\nSet-Cookie: a=b"',
        b'"a\\u202eb"',
        '"👩‍🌾"'.encode(),
        b'"00000000-0000-0000-0000-000000000000"',
        b'"0001-01-01T00:00:00+14:00"',
        b'"9999-12-31T23:59:59-14:00"',
        b'"2031-01-01T00:00:00"',
        b"1e11",
        b'"\'; DROP TABLE pools; -- %s {0} {x.__class__} $1 \\\\"',
        b'"//evil.test/%2e%2e"',
        b'"+6281234567890123456789"',
        b'"a@b@c"',
    ],
}
"""What some field may take, by its example's type; where one does not, it must say so."""


def places(value, at=()):
    """Every place in an example at which a value stands."""
    if isinstance(value, list):
        yield at
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in parts:
        yield from places(part, (*at, step))
    if not isinstance(value, dict | list):
        yield at


def with_value(example, at, raw):
    """Write an example as JSON with raw bytes at one place. Gives the value that was there, too."""
    whole = json.loads(dumps(example))
    part = whole
    for step in at[:-1]:
        part = part[step]
    was, part[at[-1]] = part[at[-1]], "…here…"
    return was, dumps(whole).replace(dumps("…here…"), raw)


@of(WITH_BODY)
async def test_wrong_value_in_each_field(prober, route):
    example = prober.example(route)
    for at in places(example):
        for name, raw in NEVER.items():
            _, body = with_value(example, at, raw)
            answer, told = await prober.send(route, body=body)
            assert answer.status == 400, f"{name} in {at}: {told}"
        was, _ = with_value(example, at, b"")
        kind = {str: "string", int: "integer"}.get(type(was))
        for raw in PERHAPS["all"] + PERHAPS.get(kind, []):
            await prober.send_in_earnest(route, with_value(example, at, raw)[1])


@of(WITH_BODY)
async def test_each_field_missing(prober, route):
    example = prober.example(route)
    for name in example:
        await prober.send_in_earnest(route, dumps({field: part for field, part in example.items() if field != name}))


MALFORMED = {
    "cut off": b'{"a": ',
    "not JSON": b"halo",
    "single quotes": b"{'a': 1}",
    "a comment": b"{} // halo",
    "two documents": b"{} {}",
    "an array": b"[]",
    "a text": b'"halo"',
    "a number": b"1",
    "null": b"null",
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a lone surrogate as a name": b'{"\\udfff": 1}',
    "a NUL as a name": b'{"\\u0000": 1}',
    "a raw control character": b'{"a": "\x01"}',
    "deep arrays": b'{"a": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "an endless number": b'{"a": ' + b"9" * 60_000 + b"}",
    "an unknown field": b'{"tak_dikenal": 1}',
    "unknown fields that look like placeholders": b'{"{0.__class__}": 1, "%s": 2, "{fields}": 3}',
    "many unknown fields": dumps({f"f{number}": number for number in range(3000)}),
}


@of(WITH_BODY)
async def test_malformed_body(prober, route):
    for name, body in MALFORMED.items():
        answer, told = await prober.send(route, body=body)
        assert answer.status == 400, f"{name}: {told}"
        assert len(answer.body) < 20_000, f"{name}: an answer must not grow with the question"


@of([route for route in ROUTES if route.method != "GET" and route.max_bytes < 1_000_000])
async def test_too_large_body(prober, route):
    beyond = max(2_000_000, route.max_bytes)
    for body in (b'{"a": "' + b"a" * beyond + b'"}', b"[" * (beyond + 1)):
        answer, told = await prober.send(route, body=body)
        assert (answer.status, answer.slug) == (413, "too-large"), told
    answer, told = await prober.send(route, body=b"[" * 100_000)  # some take as much, and must not sink in it
    assert answer.status in {400, 413, 422}, told
    pieces = (b"8000\r\n" + b"[" * 0x8000 + b"\r\n") * (beyond // 0x8000 + 1)
    chunked = b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n"
    target = prober.address(route, {}, 0)
    head = f"{route.method} {target.decode()} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ".encode()
    answer = await prober.wire.send_raw(head + prober._tokens[0] + b"\r\n" + chunked)
    assert (answer.status, answer.slug) == (413, "too-large")


BAD_IDS = [
    "abc", "0", "-1", "%00", "%0a", "%20", "%ED%A0%80", "%ff", "%zz", "..%2f..%2fetc", "%7B0%7D", "a" * 3000, "'--", "null",
    "00000000-0000-0000-0000-00000000000g", "%F0%9F%91%A9", "0199c0de%00-0000-7000-8000-000000000000",
]  # fmt: skip


@of(WITH_PATH)
async def test_bad_id_in_the_path(prober, route):
    body = dumps(prober.example(route)) if route.body else None
    for name in route.parameters:
        for value in BAD_IDS:
            answer, told = await prober.send(route, ids={name: value}, body=body)
            assert answer.status in {400, 404}, told


WORDS = [
    "", "%20", "a%00b", "%ED%A0%80", "%ff", "%0d%0aSet-Cookie:a", "a" * 5000, "%E2%80%AE", "%F0%9F%91%A9", "%25%5C%22'", "_",
    "%28%28%28", "%7C%20%26%20!", "%3A*", "a%20OR%20b%20-c", "%3C%3E%20-%20%22", "{0}", "31.71.05", NO_SUCH,
    "2031-01-01T00:00:00Z", "0", "-1", "1.5", "9" * 30, "9" * 5000, "%D9%A1", "NaN", "2147483648", "9223372036854775808",
]  # fmt: skip


@of(WITH_QUERY)
async def test_bad_value_of_each_query_parameter(prober, route):
    for name in route.query.model_fields:
        for value in WORDS:
            await prober.send(route, query=f"?{name}={value}")


@of(WITH_QUERY)
async def test_bad_query(prober, route):
    for query in ("?tak_dikenal=1", "?%00=1", "?%ff=1", "?" + "a=1&" * 500):
        answer, told = await prober.send(route, query=query)
        assert (answer.status, answer.slug) == (400, "invalid-fields"), told
    name = next(iter(route.query.model_fields))
    twice = f"?{name}=1&{name}=2"
    for query in ("?", "?&&&", "?=", f"?{name}", twice, f"?{name}[]=1", f"?{name}=1;{name}=2", "?" + "a" * 7000):
        await prober.send(route, query=query)


@of(LISTS)
async def test_limit_out_of_bounds(prober, route):
    for limit in ("0", "-1", "101", "abc", "1e1", "", "9" * 30):
        answer, told = await prober.send(route, query=f"?limit={limit}")
        assert (answer.status, answer.slug) == (400, "invalid-fields"), told


PLACES = [
    NO_SUCH, "", "\x00", "a\x00b", "a" * 300, "31.71.05", None, True, 0, -1, 7, 2**31, 2**63, 1.5, [], {}, [[[[]]]],
    ["2026-01-01T00:00:00Z", NO_SUCH], ["2026-01-01T00:00:00", NO_SUCH], ["0001-01-01T00:00:00+14:00", NO_SUCH],
    ["9999-12-31T23:59:59-14:00", NO_SUCH], [1e18, NO_SUCH], ["2026-01-01", NO_SUCH, 1], [NO_SUCH, NO_SUCH],
]  # fmt: skip
CURSORS = [encode_cursor(place) for place in PLACES] + [
    "x", "====", "!!!!", "%FF%FF", "%C3%A9", "%00", "%20", "bm90IGpzb24", "W1tbW1tbW1tb", "a" * 513,
    "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ", "MWU0MDA", "Ilx1ZDgwMCI", "Ilx1MDAwMCI",
]  # fmt: skip
"""Places in other lists, and what was never a place in one."""


@of(LISTS)
async def test_cursor_of_another_list_and_garbage(prober, route):
    fields = route.query.model_fields.items()
    needed = "".join(f"&{name}={quote(prober.town.ids[name][0])}" for name, field in fields if field.is_required())
    refused = set()
    for cursor in CURSORS:
        answer, told = await prober.send(route, query=f"?limit=2&cursor={cursor}{needed}")
        assert answer.status in {200, 400}, told
        refused |= {cursor} if answer.status == 400 else set()
    assert len(refused) > len(CURSORS) // 2, "the cursor is looked at"


BAD_KEYS = [b"a" * 256, b"a" * 6000, b"\xff\xfe", "\u202ekunci".encode(), b"a\tb", "kunçi".encode("latin-1")]


@of([route for route in ROUTES if route.method != "GET" and route.remembers])
async def test_bad_idempotency_key(prober, route):
    """A key that cannot be kept is refused: to go on without it would do twice what was to be done once."""
    ids = {name: NO_SUCH for name in route.parameters if name.endswith("_id")}
    body = dumps(prober.example(route)) if route.body else None
    for key in BAD_KEYS:
        answer, told = await prober.send(route, ids=ids, body=body, headers={"Idempotency-Key": key})
        assert answer.status >= 400, told


HARMLESS = [
    {"Content-Type": b"text/plain", "Prefer": b"wait=-1", "Urunbeli-Version": b"x", "Accept": b"text/plain", "Range": b"x"},
    {"Content-Type": b";;=\xff", "Prefer": b"\xff", "Urunbeli-Version": b"\xff", "Accept": b"\xff", "traceparent": b"00-\xff"},
    {"Content-Type": b"multipart/form-data", "Prefer": b"wait=99999999999", "Urunbeli-Version": b"pools:x@1", "Via": b"\xff"},
    {"Content-Type": b"application/json; charset=utf-16", "Accept-Language": b"\xff;q=x", "If-None-Match": b"\xff"},
    {"X-Forwarded-For": b"\xff\xfe", "Cookie": b"\xff=\xff; ;;=", "Referer": b"\xff", "X-Forwarded-Host": b"\xff"},
    {"X-Forwarded-For": b"a" * 3000, "Stripe-Signature": b"\xff", "X-HTTP-Method-Override": b"DELETE", "If-Match": b"\xff"},
    {"X-Forwarded-For": b"::::, 1.2.3.4.5", "Stripe-Signature": b"t=" + b"9" * 400 + b",v1=00", "Accept-Encoding": b"\xff"},
    {"X-Forwarded-For": b"fe80::1%eth0", "Stripe-Signature": b"t=nan,v1=\xff,v1=,=", "User-Agent": b"\xff" * 2000},
    {"Content-Type": b"", "Prefer": b"", "Urunbeli-Version": b"", "X-Forwarded-For": b",,,", "Stripe-Signature": b""},
]  # fmt: skip
"""Headers that are not to be understood, several at a time: none of them may hinder a request."""


@of(ROUTES)
async def test_bad_headers(prober, route):
    ids = {name: NO_SUCH for name in route.parameters if name.endswith("_id")}
    body = dumps(prober.example(route)) if route.body else b"{}"
    for headers in HARMLESS:
        await prober.send(route, ids=ids, body=body, headers=headers)
    for coding in (b"gzip", b"br", b"\xff"):
        answer, told = await prober.send(route, ids=ids, body=body, headers={"Content-Encoding": coding})
        assert (answer.status, answer.slug) == (415, "encoding-not-taken"), told


TOKENS = [
    b"Bearer \xff",
    b"Bearer ubs_\xff\xfe",
    b"\xff",
    b"Basic Og==",
    b"Bearer " + b"a" * 6000,
    b"Bearer a.b.c",
    b"Bearer",
    b" ",
]


@of(ROUTES)
async def test_bad_token(prober, route):
    ids = {name: NO_SUCH for name in route.parameters if name.endswith("_id")}
    body = dumps(prober.example(route)) if route.body else b"{}"
    for token in TOKENS:
        answer, told = await prober.send(route, ids=ids, body=body, headers={"Authorization": token})
        if route.policy.allows is not None:
            assert (answer.status, answer.slug) == (401, "not-signed-in"), told


@of(ROUTES)
async def test_method_that_the_path_does_not_take(prober, route):
    answer = await prober.wire.send("TRACE", prober.address(route, {}, 0))
    assert (answer.status, answer.slug) == (405, "method-not-allowed")
    assert route.method in answer.headers["allow"].split(", ")
