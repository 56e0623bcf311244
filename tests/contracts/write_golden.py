"""Writes the golden file of every event, from an example made out of its model alone."""

from __future__ import annotations

import json
import types
import typing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from annotated_types import Ge, Gt
from pydantic import AwareDatetime, BaseModel

from shared.contracts import all_events
from shared.contracts.base import Event

HERE = Path(__file__).parent


def example_of(model: type[Event]) -> Event:
    """Make the same example of an event every time."""
    return model.model_validate(_members(model))


def _members(model: type[BaseModel]) -> dict[str, Any]:
    return {
        name: _value(field.annotation, name, list(field.metadata)) for name, field in sorted(model.model_fields.items())
    }


def _value(annotation: Any, name: str, metadata: list[Any]) -> Any:  # noqa: PLR0911 -- one return per kind of type
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        inner, *more = typing.get_args(annotation)
        return _value(inner, name, [*metadata, *more])
    if origin in {typing.Union, types.UnionType}:
        return _value(
            next(option for option in typing.get_args(annotation) if option is not type(None)), name, metadata
        )
    if origin is Literal:
        return typing.get_args(annotation)[0]
    if origin is list:
        return [_value(typing.get_args(annotation)[0], name, [])]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _members(annotation)
    if annotation is UUID:
        return UUID(int=int.from_bytes(name.encode()[:8].ljust(8, b"-"), "big"))
    if annotation in {datetime, AwareDatetime}:
        return datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    if annotation is bool:
        return True
    if annotation is int:
        least = [bound.ge for bound in metadata if isinstance(bound, Ge)] + [
            bound.gt + 1 for bound in metadata if isinstance(bound, Gt)
        ]
        return 150_000 if name.endswith("_idr") else max(least, default=1)
    assert annotation is str, (name, annotation)
    return f"a {name}"


if __name__ == "__main__":
    (HERE / "golden").mkdir(exist_ok=True)
    for old in (HERE / "golden").glob("*.json"):
        old.unlink()
    for type_, event in all_events().items():
        text = json.dumps(json.loads(example_of(event).model_dump_json()), indent=2, sort_keys=True)
        (HERE / "golden" / f"{type_}.json").write_text(text + "\n")
