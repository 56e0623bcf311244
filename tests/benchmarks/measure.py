"""What was measured: figures with their baselines from the same run, as a table with ratios."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a load: how many a second, and how long single ones took."""

    per_second: float
    latencies_s: Sequence[float] = ()

    def percentile_ms(self, percent: float) -> float:
        """Give the latency in milliseconds that so many percent do not exceed."""
        ordered = sorted(self.latencies_s)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure. `baseline`: its value in the same run, what it is, and the ratio that is wanted to it."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    against: str = ""
    at_least: float | None = None
    """The smallest ratio to the baseline, or the smallest value where there is no baseline."""
    at_most: float | None = None
    """The largest value, in the figure's unit."""

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of its baseline."""
        return self.value / self.baseline if self.baseline else None

    @property
    def met(self) -> bool | None:
        """Whether the figure is as wanted; None where nothing was asked of it."""
        if self.at_least is not None:
            return (self.ratio if self.ratio is not None else self.value) >= self.at_least
        if self.at_most is not None:
            return self.value <= self.at_most
        return None


def median(values: Sequence[float]) -> float:
    """Give the median."""
    return statistics.median(values)


def table(figures: Sequence[Figure]) -> str:
    """Draw the figures as a Markdown table."""
    lines = ["| figure | measured | baseline of the same run | ratio | wanted | |", "|---|---:|---|---:|---|---|"]
    for figure in figures:
        baseline = f"{_number(figure.baseline)} {figure.unit} · {figure.against}" if figure.baseline else "–"
        ratio = f"{figure.ratio:.2f}×" if figure.ratio is not None else ""
        verdict = {True: "met", False: "**missed**", None: ""}[figure.met]
        lines.append(
            f"| {figure.name} | {_number(figure.value)} {figure.unit} | {baseline} | {ratio} | {_wanted(figure)} | {verdict} |"
        )
    return "\n".join(lines)


def _wanted(figure: Figure) -> str:
    if figure.at_least is not None:
        return f"≥ {figure.at_least:g}×" if figure.baseline else f"≥ {_number(figure.at_least)} {figure.unit}"
    return f"≤ {_number(figure.at_most)} {figure.unit}" if figure.at_most is not None else ""


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def write(figures: Sequence[Figure], folder: Path) -> None:
    """Keep the figures as JSON and as a table."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = [
        {"name": one.name, "value": one.value, "unit": one.unit, "baseline": one.baseline, "against": one.against}
        for one in figures
    ]
    (folder / "bench.json").write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "bench.md").write_text(table(figures) + "\n", encoding="utf-8")
