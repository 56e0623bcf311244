"""The rules of identity: what a contact is, when a code or session counts, who may hold which role."""
