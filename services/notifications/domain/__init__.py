"""The rules of notifications: what is said to whom, in which words, and when sending is given up."""
