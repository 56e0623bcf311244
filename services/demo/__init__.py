"""Plays urunbeli as its users would, through the public HTTP API alone: the demo data and the narrated main job."""
