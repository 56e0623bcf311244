"""The TTG catalogue: appropriate technologies that small businesses use, one TOML file per category.

Every number shown to a user carries its provenance: a public page that states it, or the mark `estimate`, which
the screen shows as "perkiraan, tanpa sumber". A file that breaks a rule is refused as a whole, naming the record.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

_FOLDER = Path(__file__).parent

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)]
Rupiah = Annotated[int, Field(strict=True, gt=0)]
Steps = Annotated[tuple[Text, ...], Field(min_length=5, max_length=8)]
SafetyPoints = Annotated[tuple[Text, ...], Field(min_length=3, max_length=5)]
MaintenancePoints = Annotated[tuple[Text, ...], Field(min_length=2, max_length=4)]
FigureName = Literal[
    "capacity", "capacity_kg_per_hour", "capacity_per_hour", "watts", "price_low_idr", "price_high_idr"
]


class CatalogueError(ValueError):
    """A catalogue file breaks a rule; the message names the file and, where known, the technology's slug."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Record):
    """Where one number comes from: a public page (with what it says), or nowhere (`estimate`)."""

    source_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+/\S+$")] | None = None
    note_id: Text | None = None
    estimate: bool = False

    @model_validator(mode="after")
    def _sourced_or_estimate(self) -> Self:
        if (self.source_url is not None) == self.estimate:
            raise ValueError("needs either source_url or estimate = true, not both")
        if self.source_url is not None and self.note_id is None:
            raise ValueError("source_url needs a note_id saying what that page states")
        return self


class Category(_Record):
    """A shelf of the catalogue."""

    slug: Slug
    name_id: Text
    name_en: Text


class Technology(_Record):
    """One technology with its guide; prices in whole rupiah, power in watts (None: uses no electricity).

    `shelves`: the kinds of products it serves, by the codes under which listings sell them. `fits_work_*`: the manual
    work it takes over, to stand after "hours a week for". `capacity_per_hour`: of what is counted in pieces.
    """

    slug: Slug
    category: Category
    name_id: Text
    name_en: Text
    problem_id: Text
    problem_en: Text
    products: Annotated[tuple[Text, ...], Field(min_length=1)]
    shelves: Annotated[tuple[Slug, ...], Field(min_length=1)]
    fits_work_id: Text
    fits_work_en: Text
    capacity_text_id: Text
    capacity_text_en: Text
    capacity_kg_per_hour: Annotated[float, Field(gt=0)] | None = None
    capacity_per_hour: Annotated[int, Field(strict=True, gt=0)] | None = None
    capacity_unit_id: Text | None = None
    capacity_unit_en: Text | None = None
    watts: Annotated[int, Field(strict=True, gt=0)] | None = None
    power_note_id: Text
    power_note_en: Text
    steps_id: Steps
    steps_en: Steps
    safety_id: SafetyPoints
    safety_en: SafetyPoints
    maintenance_id: MaintenancePoints
    maintenance_en: MaintenancePoints
    price_low_idr: Rupiah
    price_high_idr: Rupiah
    figures: dict[FigureName, Figure]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.price_low_idr > self.price_high_idr:
            raise ValueError("price_low_idr is above price_high_idr")
        for guide in ("steps", "safety", "maintenance"):
            if len(getattr(self, f"{guide}_id")) != len(getattr(self, f"{guide}_en")):
                raise ValueError(f"{guide}_id and {guide}_en differ in length")
        if len(set(self.shelves)) != len(self.shelves):
            raise ValueError("shelves names one twice")
        if len({self.capacity_per_hour is None, self.capacity_unit_id is None, self.capacity_unit_en is None}) > 1:
            raise ValueError("capacity_per_hour, capacity_unit_id and capacity_unit_en go together")
        if self.capacity_per_hour is not None and self.capacity_kg_per_hour is not None:
            raise ValueError("capacity_per_hour is for what is not weighed: give it or capacity_kg_per_hour")
        stated = {"capacity", "price_low_idr", "price_high_idr"}
        measured = ("capacity_kg_per_hour", "capacity_per_hour", "watts")
        stated |= {name for name in measured if getattr(self, name) is not None}
        if unmatched := stated ^ set(self.figures):
            raise ValueError(f"figures must match the numbers given, see: {', '.join(sorted(unmatched))}")
        return self

    @property
    def price_is_estimate(self) -> bool:
        """Whether an end of the price range has no source."""
        return self.figures["price_low_idr"].estimate or self.figures["price_high_idr"].estimate


def load_catalogue(folder: Path = _FOLDER) -> tuple[Technology, ...]:
    """Read all `*.toml` of `folder`, ordered by file name, then as written. Raises CatalogueError."""
    catalogue = tuple(technology for path in sorted(folder.glob("*.toml")) for technology in _read(path))
    counted = Counter(technology.slug for technology in catalogue)
    if duplicates := sorted(slug for slug, count in counted.items() if count > 1):
        raise CatalogueError(f"{folder.name}: duplicate slug {', '.join(duplicates)}")
    if not catalogue:
        raise CatalogueError(f"{folder.name}: no technologies found")
    return catalogue


def _read(path: Path) -> Iterator[Technology]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name}: not valid TOML: {error}") from error
    category, records = content.pop("category", None), content.pop("technologies", [])
    if content or not isinstance(category, dict) or not isinstance(records, list):
        raise CatalogueError(f"{path.name}: must hold one [category] and [[technologies]], nothing else")
    for number, record in enumerate(records, start=1):
        yield _technology(path, number, record, category)


def _technology(path: Path, number: int, record: object, category: dict[str, Any]) -> Technology:
    if not isinstance(record, dict) or "category" in record:
        raise CatalogueError(f"{path.name}: record {number}: must be a table, its category set once per file")
    try:
        return Technology.model_validate({**record, "category": category})
    except ValidationError as error:
        name = record.get("slug", f"record {number}")
        problems = "; ".join(
            ": ".join(filter(None, [".".join(map(str, problem["loc"])), problem["msg"]])) for problem in error.errors()
        )
        raise CatalogueError(f"{path.name}: {name}: {problems}") from error
