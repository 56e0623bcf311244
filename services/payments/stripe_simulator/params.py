"""Form-encoded parameters: bracket notation read into nested values, each checked against a specification."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.payments.stripe_simulator.errors import (
    ApiError,
    Json,
    parameter_invalid,
    parameter_missing,
    parameter_unknown,
)

_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_WELL_FORMED = re.compile(r"[^\[\]]+(\[[^\[\]]*\])*")

METADATA_KEYS = 50
METADATA_KEY_LENGTH = 40
METADATA_VALUE_LENGTH = 500


@dataclass(frozen=True)
class Param:
    """How one parameter is read; `read` takes its full name and its raw value, and may raise ApiError."""

    read: Callable[[str, object], object]
    required: bool = False


Spec = Mapping[str, Param]


def nest(pairs: Iterable[tuple[str, str]]) -> Json:
    """Turn `a[b][0]=c` into `{"a": {"b": {"0": "c"}}}`; an empty bracket takes the next number."""
    root: Json = {}
    for name, value in pairs:
        if not _WELL_FORMED.fullmatch(name):
            raise parameter_unknown([name])
        first = name.split("[", 1)[0]
        keys = [first, *_BRACKETS.findall(name[len(first) :])]
        node = root
        for key in keys[:-1]:
            child = node.setdefault(key or str(len(node)), {})
            if not isinstance(child, dict):
                raise parameter_invalid(name, f"Invalid parameter: {name}")
            node = child
        node[keys[-1] or str(len(node))] = value
    return root


def read(spec: Spec, raw: Mapping[str, object], prefix: str = "") -> Json:
    """Check `raw` against `spec` and answer the typed values of those that were given.

    Raises ApiError for unknown, missing and malformed parameters, by their full bracketed names.
    """

    def full(name: str) -> str:
        return f"{prefix}[{name}]" if prefix else name

    unknown = [full(name) for name in raw if name not in spec]
    if unknown:
        raise parameter_unknown(unknown)
    for name, param in spec.items():
        if param.required and name not in raw:
            raise parameter_missing(full(name))
    return {name: spec[name].read(full(name), value) for name, value in raw.items()}


def _plain(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise parameter_invalid(name, f"Invalid string: {name} must be a single value")
    if value == "":
        raise parameter_invalid(
            name,
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a "
            f"parameter; however '{name}' cannot be unset. You should remove '{name}' from your request or "
            "supply a non-empty value.",
            "parameter_invalid_empty",
        )
    return value


def text(*, required: bool = False, longest: int = 5000) -> Param:
    """Read a string of at most `longest` characters."""

    def parse(name: str, value: object) -> str:
        plain = _plain(name, value)
        if len(plain) > longest:
            raise parameter_invalid(
                name,
                f"Invalid string: {plain[:20]}…; must be at most {longest} characters",
                "parameter_invalid_string",
            )
        return plain

    return Param(parse, required)


def integer(*, required: bool = False, least: int = 0, most: int | None = None) -> Param:
    """Read a whole number of at least `least` and at most `most`."""

    def parse(name: str, value: object) -> int:
        plain = _plain(name, value)
        if not re.fullmatch(r"-?[0-9]{1,18}", plain):
            raise parameter_invalid(name, f"Invalid integer: {plain}", "parameter_invalid_integer")
        number = int(plain)
        if number < least:
            raise parameter_invalid(
                name,
                f"This value must be greater than or equal to {least}.",
                "parameter_invalid_integer",
            )
        if most is not None and number > most:
            raise parameter_invalid(
                name, f"This value must be less than or equal to {most}.", "parameter_invalid_integer"
            )
        return number

    return Param(parse, required)


def boolean() -> Param:
    """Read `true` or `false`."""

    def parse(name: str, value: object) -> bool:
        plain = _plain(name, value)
        if plain not in {"true", "false"}:
            raise parameter_invalid(name, f"Invalid boolean: {plain}")
        return plain == "true"

    return Param(parse)


def choice(*allowed: str, required: bool = False) -> Param:
    """Read one of the `allowed` words."""

    def parse(name: str, value: object) -> str:
        plain = _plain(name, value)
        if plain not in allowed:
            raise parameter_invalid(name, f"Invalid {name}: must be one of {', '.join(allowed)}")
        return plain

    return Param(parse, required)


def array(of: Param, *, required: bool = False) -> Param:
    """Read a list, whether it came with numbers (`a[0]`) or without (`a[]`)."""

    def parse(name: str, value: object) -> list[object]:
        if not isinstance(value, dict) or not all(key.isdecimal() for key in value):
            raise parameter_invalid(name, "Invalid array")
        return [of.read(f"{name}[{key}]", value[key]) for key in sorted(value, key=int)]

    return Param(parse, required)


def group(spec: Spec, *, required: bool = False) -> Param:
    """Read a nested object with a specification of its own."""

    def parse(name: str, value: object) -> Json:
        if not isinstance(value, dict):
            raise parameter_invalid(name, "Invalid object")
        return read(spec, value, prefix=name)

    return Param(parse, required)


def metadata() -> Param:
    """Read free key-value pairs within Stripe's limits; an empty value takes the key away."""

    def parse(name: str, value: object) -> dict[str, str]:
        if not isinstance(value, dict):
            raise parameter_invalid(name, "Metadata must be a set of key-value pairs")
        if len(value) > METADATA_KEYS:
            raise parameter_invalid(name, f"You can specify up to {METADATA_KEYS} keys of metadata.")
        return {key: _metadata_value(name, key, content) for key, content in value.items() if content != ""}

    return Param(parse)


def _metadata_value(name: str, key: str, content: object) -> str:
    if not isinstance(content, str):
        raise parameter_invalid(f"{name}[{key}]", "Metadata values must be strings")
    if len(key) > METADATA_KEY_LENGTH or len(content) > METADATA_VALUE_LENGTH:
        raise parameter_invalid(
            f"{name}[{key}]",
            f"Metadata keys have up to {METADATA_KEY_LENGTH} characters, values up to {METADATA_VALUE_LENGTH}.",
        )
    return content


PAGING: Spec = {
    "limit": integer(least=1, most=100),
    "starting_after": text(),
    "ending_before": text(),
}


def page(url: str, newest_first: Sequence[Json], params: Json) -> Json:
    """Answer one page of a list as Stripe's list object, by cursor in either direction.

    Raises ApiError when the cursor names no object of the list.
    """
    limit: int = params.get("limit", 10)
    places = {item["id"]: place for place, item in enumerate(newest_first)}
    for cursor in ("starting_after", "ending_before"):
        if cursor in params and params[cursor] not in places:
            raise ApiError(400, f"No such object: '{params[cursor]}'", code="resource_missing", param=cursor)
    if "ending_before" in params:
        end = places[params["ending_before"]]
        start = max(0, end - limit)
        return {"object": "list", "url": url, "has_more": start > 0, "data": list(newest_first[start:end])}
    start = places[params["starting_after"]] + 1 if "starting_after" in params else 0
    more = len(newest_first) > start + limit
    return {
        "object": "list",
        "url": url,
        "has_more": more,
        "data": list(newest_first[start : start + limit]),
    }
