"""Suppliers, their offers and quotes, purchase orders, and the TTG catalogue."""
