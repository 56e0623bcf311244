"""Accounts, log-in, sessions, role grants, assistance at the counter, and the right to be forgotten."""
