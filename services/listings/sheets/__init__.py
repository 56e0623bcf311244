"""Spreadsheets, read and written in a process of their own that cannot take more than it is given: `bounded.py` calls it."""
