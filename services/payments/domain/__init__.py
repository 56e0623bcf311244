"""The rules of money held for pledges: pure functions and frozen dataclasses, no IO, no clock, no random."""
