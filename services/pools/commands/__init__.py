"""The use cases of pools: lock, decide, save, say."""
