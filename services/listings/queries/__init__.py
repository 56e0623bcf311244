"""What the API reads, and who may see it."""
