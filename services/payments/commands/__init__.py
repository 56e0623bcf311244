"""The use cases of payments. Every one that touches a pool's money locks the pool first (see `repository`)."""
