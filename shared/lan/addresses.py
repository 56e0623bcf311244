"""Under which addresses and names this machine is known in its own network. Nothing is sent anywhere to find out."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address

# Connecting a datagram socket sends nothing: it only makes the kernel choose the address it would speak from.
_ANYWHERE_OUTSIDE = ("10.255.255.255", 9)
_SIOCGIFADDR = 0x8915  # netdevice(7)


def lan_addresses() -> list[IPv4Address]:
    """List this machine's IPv4 addresses but loopback, the one it speaks from first; empty without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        addresses = dict.fromkeys([*_speaking_from(probe), *_of_interfaces(probe)])
    return [address for address in addresses if not address.is_loopback and not address.is_unspecified]


def _speaking_from(probe: socket.socket) -> Iterator[IPv4Address]:
    with suppress(OSError):  # no route at all
        probe.connect(_ANYWHERE_OUTSIDE)
        yield IPv4Address(probe.getsockname()[0])


def _of_interfaces(probe: socket.socket) -> Iterator[IPv4Address]:
    """Ask Linux for each interface's address; other systems are content with the one they speak from."""
    if sys.platform != "linux":
        return
    import fcntl

    for _, name in socket.if_nameindex():
        with suppress(OSError):  # an interface without an address
            answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
            yield IPv4Address(answer[20:24])


def host_name() -> str:
    """Give this machine's own name, without its domain, in lower case."""
    return socket.gethostname().partition(".")[0].lower()
