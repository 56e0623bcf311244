"""What every body that changes some fields of a thing has in common."""

from __future__ import annotations

from pydantic import Field

from shared.http.fields import Body


class Changes(Body):
    """The fields to change; others stay. `version`: what the caller looked at, so that no change is overwritten."""

    version: int | None = Field(None, ge=1, le=1_000_000, strict=True)

    @property
    def changes(self) -> dict[str, object]:
        """The fields that were sent."""
        return self.model_dump(exclude_unset=True, exclude={"version"})


def not_taken_away(value: object) -> object:
    """A field that is not sent stays; one that is sent as null would leave a thing without it. Raises `ValueError`."""
    if value is None:
        raise ValueError("required")
    return value
