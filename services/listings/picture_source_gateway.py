"""The port to pictures on other people's servers: a link is fetched, but never from inside this house.

Only https on its own port, only public addresses (looked at after the name was resolved, and connected to exactly those), no
redirect to another host, at most 15 MB in 20 seconds.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

MOST_BYTES: Final = 15 * 1024**2
PATIENCE_S: Final = 20
_MOST_REDIRECTS: Final = 3
_PIECE: Final = 64 * 1024


class PictureRefused(Exception):
    """The link leads to nothing that is taken, now and later. `reason` is told to the person, in Indonesian."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PictureUnreachable(PictureRefused):
    """The other server does not answer rightly now; it may later."""


class PictureSource(Protocol):
    """Fetches pictures by their links."""

    async def fetch(self, url: str) -> bytes:
        """Give what stands at a link. Raises `PictureRefused`, `PictureUnreachable`."""
        ...


_INNER: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
        "fec0::/10",
        "100.64.0.0/10",
        "192.88.99.0/24",
    )
)
"""Addresses that lead to others by translation, or that the standard library counts as global."""


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet: not private, loopback, link-local, metadata, multicast or translated."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if any(found.version == inner.version and found in inner for inner in _INNER):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


Lookup = Callable[[str], Awaitable[list[str]]]


async def system_lookup(host: str) -> list[str]:
    """Resolve a name as this machine does. Raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Pinned(AbstractResolver):
    """Gives the addresses that were looked at, and no others."""

    def __init__(self, addresses: list[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0, flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
            if family in {socket.AF_UNSPEC, socket.AF_INET6 if ":" in address else socket.AF_INET}
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing is open."""


_TOO_LARGE: Final = "Gambar di tautan ini lebih dari 15 MB. Kecilkan dulu."
_NOT_THERE: Final = "Tautan ini tidak memberi gambar (jawaban {status})."
_NO_ANSWER: Final = "Server gambar ini tidak menjawab. Unggah fotonya langsung di halaman jualan."
_INSIDE: Final = "Tautan ini tidak menuju alamat umum di internet."
_LEADS_AWAY: Final = "Tautan ini mengalihkan ke tempat lain. Pakai tautan langsung ke gambarnya."
_NOT_HTTPS: Final = "Tautan foto harus diawali https:// dan tanpa kata sandi."


@dataclass(frozen=True, slots=True)
class HttpsPictureSource:
    """Fetches over https. The fields are changed by tests only."""

    lookup: Lookup = system_lookup
    allows: Callable[[str], bool] = is_public
    port: int = 443
    tls: ssl.SSLContext | None = None
    patience_s: float = PATIENCE_S

    async def fetch(self, url: str) -> bytes:
        """Give what stands at a link. Raises `PictureRefused`, `PictureUnreachable`."""
        host = self._host(url)
        try:
            async with asyncio.timeout(self.patience_s):
                addresses = await self._addresses(host)
                return await self._fetch(url, host, addresses)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise PictureUnreachable(_NO_ANSWER) from error

    def _host(self, url: str) -> str:
        try:
            parts = urlsplit(url)
            port = parts.port or 443
        except ValueError:
            raise PictureRefused(_NOT_HTTPS) from None
        if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
            raise PictureRefused(_NOT_HTTPS)
        if port != self.port:
            raise PictureRefused(_NOT_HTTPS)
        return parts.hostname

    async def _addresses(self, host: str) -> list[str]:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            addresses = await self.lookup(host)
        else:
            addresses = [host]
        # One inner address among several is no accident.
        if not addresses or not all(self.allows(address) for address in addresses):
            raise PictureRefused(_INSIDE)
        return addresses

    async def _fetch(self, url: str, host: str, addresses: list[str]) -> bytes:
        connector = aiohttp.TCPConnector(
            resolver=_Pinned(addresses), use_dns_cache=False, ssl=True if self.tls is None else self.tls
        )
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False
        ) as session:
            for _ in range(_MOST_REDIRECTS + 1):
                async with session.get(url, allow_redirects=False, headers={"Accept": "image/*"}) as response:
                    if response.status in {301, 302, 303, 307, 308}:
                        url = urljoin(url, response.headers.get("Location", ""))
                        if self._host(url) != host:
                            raise PictureRefused(_LEADS_AWAY)
                        continue
                    return await _body(response)
        raise PictureRefused(_LEADS_AWAY)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    reason = _NOT_THERE.format(status=response.status)
    if response.status >= 500 or response.status == 429:
        raise PictureUnreachable(reason)
    if response.status != 200:
        raise PictureRefused(reason)
    if (response.content_length or 0) > MOST_BYTES:
        raise PictureRefused(_TOO_LARGE)
    body = bytearray()
    async for piece in response.content.iter_chunked(_PIECE):
        body += piece
        if len(body) > MOST_BYTES:
            raise PictureRefused(_TOO_LARGE)
    return bytes(body)


@dataclass(slots=True)
class FakePictureSource:
    """Pictures that a test has put there. `statuses`: what else a link answers; `asked`: which were fetched."""

    pictures: Mapping[str, bytes] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def fetch(self, url: str) -> bytes:
        """Give what stands at a link. Raises `PictureRefused`, `PictureUnreachable`."""
        self.asked.append(url)
        if not url.startswith("https://"):
            raise PictureRefused(_NOT_HTTPS)
        status = self.statuses.get(url, 200 if url in self.pictures else 404)
        reason = _NOT_THERE.format(status=status)
        if status >= 500 or status == 429:
            raise PictureUnreachable(reason)
        if status != 200:
            raise PictureRefused(reason)
        if len(self.pictures[url]) > MOST_BYTES:
            raise PictureRefused(_TOO_LARGE)
        return self.pictures[url]
