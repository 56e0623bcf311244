"""Notifications: tells everybody what they must know, in the inbox, by e-mail and by WhatsApp."""
