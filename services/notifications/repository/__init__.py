"""All the SQL of notifications, by story."""
