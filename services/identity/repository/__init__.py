"""The SQL of identity, a file per story."""
