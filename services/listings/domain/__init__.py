"""The rules of businesses and listings."""
