"""Pools: pooled purchases from their opening to the last rupiah."""
