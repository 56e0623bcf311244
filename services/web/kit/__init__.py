"""The promotion kit: pure makers of texts, pictures, paper, feeds and calendars from what the API told."""
