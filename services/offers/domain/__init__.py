"""The rules of offers: pure functions and frozen dataclasses, without IO, clock or chance."""
