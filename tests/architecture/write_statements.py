"""Writes the table of statements that `test_statements.py` compares with, for review."""

from __future__ import annotations

import os
import sys

import pytest

if __name__ == "__main__":
    os.environ["WRITE_STATEMENTS"] = "1"
    sys.exit(pytest.main(["tests/architecture/test_statements.py", "-q"]))
