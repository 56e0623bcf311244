"""All SQL of offers, a module per story."""
