"""The use cases of offers: load, decide, save, emit."""
