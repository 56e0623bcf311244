"""Serving phones in the same room (`LAN=1`): TLS from a certificate authority of this installation's own."""
