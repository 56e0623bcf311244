"""What every event has in common, and money."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

MAX_IDR = 99_999_999_999_999
"""The largest amount the system accepts, in whole rupiah (one hundred trillion less one)."""

Rupiah = Annotated[int, Field(ge=0, le=MAX_IDR, strict=True)]
"""Whole rupiah, never negative. Rupiah has no sen in use."""

PositiveRupiah = Annotated[int, Field(gt=0, le=MAX_IDR, strict=True)]
"""Whole rupiah, more than nothing."""

Units = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
"""A number of machines, at least one."""

Moment = AwareDatetime
"""An instant with its zone; on the wire RFC 3339 in UTC."""

_TYPE = re.compile(r"^[a-z]+\.[a-z_]+\.v[1-9][0-9]*$")


class Part(BaseModel):
    """A piece of an event. Unknown members are ignored, so that additions do not break a hearer."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)


class Event(Part):
    """Something that has happened, as others may know it.

    `type` is the name, `aggregate` names the field that holds the id of the thing it happened to; versions count per
    aggregate. Personal data is allowed only where `transient` is true: such an event's body is erased from the log once
    it is published.
    """

    type: ClassVar[str]
    aggregate: ClassVar[str]
    transient: ClassVar[bool] = False

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        assert _TYPE.match(cls.type), f"{cls.__name__}.type {cls.type!r} is not <service>.<past_tense>.v<n>"
        assert cls.aggregate in cls.model_fields, f"{cls.__name__} has no field {cls.aggregate}"

    @property
    def aggregate_id(self) -> UUID:
        """The id of the thing that this happened to."""
        value = getattr(self, self.aggregate)
        assert isinstance(value, UUID)
        return value
