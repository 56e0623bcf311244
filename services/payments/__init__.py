"""Payments: what is received, held, refunded and paid out, and by whom it is held."""
