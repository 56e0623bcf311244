"""All SQL of pools, by story: named constants above the functions that map their rows."""
