"""The services of urunbeli: one folder each, speaking to one another only through events."""
