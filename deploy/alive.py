"""Asks the service of this container how it is; exit status 1 unless the answer is 200. The image has no curl.

`python deploy/alive.py [path]`: `/livez` by default, `/readyz` to ask whether database and broker are there, too.
"""

from __future__ import annotations

import http.client
import os
import sys

TIMEOUT_S = 4.0


def answers(path: str, port: int) -> bool:
    """Whether the service on this port of loopback answers `path` with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else "/livez"
    sys.exit(0 if answers(asked, int(os.environ.get("HTTP_PORT", "8080"))) else 1)
