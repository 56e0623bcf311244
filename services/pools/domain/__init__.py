"""The rules of pooled purchases: pure functions and frozen dataclasses, no IO, no clock, no random."""
