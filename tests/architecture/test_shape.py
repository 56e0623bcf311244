"""The shape of the code that a reader meets."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = [path for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.py")]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_tells_one_story(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 320, "a longer module wants a second room"
    assert text.startswith(('"""', "'''")), "the first line says what the module is for"


def test_sql_is_written_in_repositories_only():
    """Rules, commands and handlers speak through the repository; migrations and `shared` are mechanism."""
    guilty = []
    for path in (ROOT / "services").rglob("*.py"):
        parts = path.relative_to(ROOT / "services").parts
        if len(parts) < 2 or any(part.startswith("repository") for part in parts):
            continue
        lines = path.read_text().splitlines()
        guilty += [f"{path}:{number}" for number, line in enumerate(lines, 1) if _is_sql(line)]
    assert guilty == []


def _is_sql(line: str) -> bool:
    text = line.strip().strip('"')
    return text.startswith(("SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "WITH ")) and not text.startswith("#")
