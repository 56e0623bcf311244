"""All of posyantek's SQL, a file per story."""
