"""Mechanism that every service uses; no business noun except contracts and money lives here."""
