"""Regions, posts, officers, needs, training and the scoreboard of Posyantek."""
