"""What goes over the wire: the bodies and queries that listings takes, and the answers it gives."""
