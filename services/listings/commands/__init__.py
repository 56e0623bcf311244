"""The use cases of listings: load, decide, save, emit."""
