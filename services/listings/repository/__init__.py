"""All of listings' SQL, a module per story."""
