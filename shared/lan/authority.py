"""The certificate authority of this installation, and the certificate that it gives this machine.

Who installs the authority's certificate on a phone trusts whatever it signs. So its key never leaves the data folder, and the
certificate itself says (name constraints, RFC 5280 §4.2.1.10) that it vouches for addresses of private networks only: a stolen
key could not pose as a bank.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shared.keys import write_once

AUTHORITY_DAYS: Final = 3650
LEAF_DAYS: Final = 397
"""The longest that browsers accept."""
RENEW_DAYS: Final = 30
PRIVATE_NETWORKS: Final = tuple(
    IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")
)
_AN_HOUR = timedelta(hours=1)
"""The clocks of phones go wrong: certificates begin that much earlier."""


class LanUnavailable(Exception):
    """This machine cannot be opened to its network; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority's certificate and key."""

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate, for phones to install."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate in pairs, as phones show it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def vouches_for(self, address: IPv4Address) -> bool:
        """Whether the authority may sign for an address."""
        constraints = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        return any(
            isinstance(name, x509.IPAddress) and address in name.value  # type: ignore[operator]
            for name in constraints.permitted_subtrees or ()
        )

    def vouches_for_name(self, name: str) -> bool:
        """Whether the authority may sign for a host's name."""
        constraints = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        permitted = [item.value for item in constraints.permitted_subtrees or () if isinstance(item, x509.DNSName)]
        return any(name == allowed or name.endswith(f".{allowed}") for allowed in permitted)


def load_authority(folder: Path, addresses: Sequence[IPv4Address], host: str, now: datetime) -> Authority:
    """Read the authority of a data folder, or make it at the first time (mode 0600).

    Raises `LanUnavailable` where others can read its key, where it is no authority, or where it has run out.
    """
    path = folder / "keys" / "lan_ca.pem"
    if not path.exists():
        write_once(path, _new_authority(addresses, host, now))
    if path.stat().st_mode & 0o077:
        raise LanUnavailable(
            f"{path} can be read by others, so phones must not trust it any more. Delete it; a new one is made."
        )
    content = path.read_bytes()
    try:
        key = load_pem_private_key(content, None)
        authority = Authority(x509.load_pem_x509_certificate(content), key)  # type: ignore[arg-type]
        authority.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    except (ValueError, x509.ExtensionNotFound) as error:
        raise LanUnavailable(f"{path} is no certificate authority of ours. Delete it; a new one is made.") from error
    if authority.certificate.not_valid_after_utc <= now + timedelta(days=RENEW_DAYS):
        raise LanUnavailable(f"{path} has run out. Delete it; a new one is made, and phones have to trust that.")
    return authority


def load_leaf(folder: Path, authority: Authority, addresses: Sequence[IPv4Address], host: str, now: datetime) -> Path:
    """Give the file with this machine's key and certificate (mode 0600), issued anew where the one there no longer fits."""
    path = folder / "keys" / "lan_server.pem"
    names = _names(authority, addresses, host)
    if not _fits(path, authority, names, now):
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(_new_leaf(authority, names, now))
        draft.replace(path)
    return path


def server_context(leaf: Path) -> ssl.SSLContext:
    """Make what a server answers with: TLS 1.2 or newer, HTTP/1.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(leaf)
    return context


def _names(authority: Authority, addresses: Sequence[IPv4Address], host: str) -> list[x509.GeneralName]:
    hosts = [name for name in ("localhost", host, f"{host}.local") if authority.vouches_for_name(name)]
    return [
        *(x509.IPAddress(address) for address in (*addresses, IPv4Address("127.0.0.1"))),
        *(x509.DNSName(name) for name in dict.fromkeys(hosts)),
    ]


def _fits(path: Path, authority: Authority, names: Sequence[x509.GeneralName], now: datetime) -> bool:
    if not path.exists() or path.stat().st_mode & 0o077:
        return False
    try:
        leaf = x509.load_pem_x509_certificate(path.read_bytes())
        leaf.verify_directly_issued_by(authority.certificate)
        named = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:  # noqa: BLE001 -- whatever is wrong with it, a new one is as good
        return False
    lives = leaf.not_valid_before_utc <= now and now + timedelta(days=RENEW_DAYS) < leaf.not_valid_after_utc
    return lives and set(named) == set(names)


def _new_authority(addresses: Sequence[IPv4Address], host: str, now: datetime) -> bytes:
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"urunbeli di {host} ({now:%Y-%m-%d})"[:64])])
    constraints = x509.NameConstraints(list(_permitted(addresses, host)), None)
    certificate = (
        _builder(name, name, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(constraints, critical=True)
        .sign(key, hashes.SHA256())
    )
    return _private(key) + certificate.public_bytes(Encoding.PEM)


def _permitted(addresses: Sequence[IPv4Address], host: str) -> Iterator[x509.GeneralName]:
    """Private networks, and this machine's own address where it stands in none of them."""
    own = [IPv4Network(address) for address in addresses if not any(address in net for net in PRIVATE_NETWORKS)]
    for network in (*PRIVATE_NETWORKS, *own):
        yield x509.IPAddress(network)
    for name in dict.fromkeys(("localhost", "local", host)):
        yield x509.DNSName(name)


def _new_leaf(authority: Authority, names: Sequence[x509.GeneralName], now: datetime) -> bytes:
    key = generate_private_key(SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "urunbeli")])
    certificate = (
        _builder(subject, authority.certificate.subject, key, now, LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return _private(key) + certificate.public_bytes(Encoding.PEM) + authority.pem


def _builder(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    begins = now - _AN_HOUR
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
