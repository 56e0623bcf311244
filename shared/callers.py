"""Who calls, as far as a network address tells: by what limits of rate are counted."""

from __future__ import annotations

import ipaddress
from typing import Final

_IPV6_SITE: Final = 64


def caller_key(address: str) -> str | None:
    """Name whoever calls from a network address, or None where the address says nothing about who it is.

    This machine's own address stands for everybody whom the pages are served to from here. One home has a whole IPv6 /64.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.is_loopback:
        return None
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, _IPV6_SITE), strict=False))
    return str(parsed)
