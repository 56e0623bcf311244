"""The README's list of settings is the code's. `python -m tests.shared.test_readme` writes it anew."""

from __future__ import annotations

from pathlib import Path

from shared.config import Settings

README = Path(__file__).parents[2] / "README.md"
MARK = "<!-- settings: kept true by tests/shared/test_readme.py -->\n"
END = "\n## Licence\n"


def settings_table() -> str:
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else str(field.default)
        lines.append(
            f"| `{name.upper()}` | {default and f'`{default}`'} | {field.description or ''} |".replace("  ", " ")
        )
    return "\n".join(lines) + "\n"


def with_table(text: str) -> str:
    before = text.partition(MARK)[0]
    return f"{before}{MARK}{settings_table()}{END}{text.partition(END)[2]}"


def test_readme_lists_every_setting():
    assert with_table(README.read_text()) == README.read_text()


def test_every_setting_says_what_it_means():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


if __name__ == "__main__":
    README.write_text(with_table(README.read_text()))
