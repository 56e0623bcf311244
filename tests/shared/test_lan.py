"""LAN=1: a certificate that phones can trust, for this machine's addresses only, over a real TLS handshake."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from services.demo.welcome import for_phones
from shared.lan.addresses import lan_addresses
from shared.lan.authority import LanUnavailable, load_authority, load_leaf, server_context
from shared.lan.door import LanDoor
from shared.processes import spare_port
from shared.testing.running import eventually

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOME = [IPv4Address("192.168.1.20")]


def certificate(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def extension(found, kind):
    return found.extensions.get_extension_for_class(kind).value


def leaf(folder, addresses=HOME, now=NOW):
    return load_leaf(folder, load_authority(folder, addresses, "posyantek", now), addresses, "posyantek", now)


def test_the_certificate_is_for_this_machine_and_for_servers_alone(tmp_path):
    found = certificate(leaf(tmp_path))
    named = extension(found, x509.SubjectAlternativeName)
    assert named.get_values_for_type(x509.IPAddress) == [*HOME, IPv4Address("127.0.0.1")]
    assert named.get_values_for_type(x509.DNSName) == ["localhost", "posyantek", "posyantek.local"]
    assert found.not_valid_after_utc - found.not_valid_before_utc <= timedelta(days=397)
    assert found.not_valid_before_utc < NOW, "a phone whose clock is slow takes it as well"
    assert not extension(found, x509.BasicConstraints).ca
    assert list(extension(found, x509.ExtendedKeyUsage)) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_the_authority_may_sign_nothing_but_certificates_of_private_networks(tmp_path):
    authority = load_authority(tmp_path, HOME, "posyantek", NOW)
    basic = extension(authority.certificate, x509.BasicConstraints)
    assert (basic.ca, basic.path_length) == (True, 0)
    usage = extension(authority.certificate, x509.KeyUsage)
    assert usage.key_cert_sign
    assert not usage.digital_signature
    assert authority.vouches_for(IPv4Address("10.1.2.3"))
    assert not authority.vouches_for(IPv4Address("8.8.8.8"))
    assert not authority.vouches_for_name("bank.example")
    assert authority.vouches_for_name("posyantek.local")


def test_keys_are_private_and_kept(tmp_path):
    first = load_authority(tmp_path, HOME, "posyantek", NOW)
    path = leaf(tmp_path)
    content = path.read_bytes()
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in (tmp_path / "keys").iterdir()}
    assert modes == {"lan_ca.pem": "0o600", "lan_server.pem": "0o600"}
    assert load_authority(tmp_path, HOME, "posyantek", NOW).fingerprint == first.fingerprint
    assert leaf(tmp_path).read_bytes() == content


@pytest.mark.parametrize(
    ("addresses", "now"),
    [
        pytest.param([IPv4Address("10.0.0.7")], NOW, id="another network"),
        pytest.param(HOME, NOW + timedelta(days=370), id="near its end"),
        pytest.param(HOME, NOW - timedelta(days=2), id="clock set back"),
    ],
)
def test_a_certificate_that_no_longer_fits_is_issued_anew_by_the_same_authority(tmp_path, addresses, now):
    first = certificate(leaf(tmp_path))
    second = certificate(leaf(tmp_path, addresses, now))
    assert first.serial_number != second.serial_number
    second.verify_directly_issued_by(load_authority(tmp_path, HOME, "posyantek", NOW).certificate)


def test_a_broken_certificate_is_issued_anew(tmp_path):
    path = leaf(tmp_path)
    path.write_bytes(b"not a certificate")
    assert certificate(leaf(tmp_path)).not_valid_after_utc > NOW


def test_a_certificate_of_another_authority_is_issued_anew(tmp_path):
    path = leaf(tmp_path)
    (tmp_path / "keys" / "lan_ca.pem").unlink()
    authority = load_authority(tmp_path, HOME, "posyantek", NOW)
    certificate(leaf(tmp_path)).verify_directly_issued_by(authority.certificate)
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_authority_that_others_can_read_is_refused(tmp_path):
    load_authority(tmp_path, HOME, "posyantek", NOW)
    (tmp_path / "keys" / "lan_ca.pem").chmod(0o644)
    with pytest.raises(LanUnavailable, match="can be read by others"):
        load_authority(tmp_path, HOME, "posyantek", NOW)


def test_an_authority_that_is_none_or_has_run_out_is_refused(tmp_path):
    with pytest.raises(LanUnavailable, match="run out"):
        load_authority(tmp_path, HOME, "posyantek", NOW) and load_authority(
            tmp_path, HOME, "posyantek", NOW + timedelta(days=3640)
        )
    (tmp_path / "keys" / "lan_ca.pem").write_bytes(b"nothing")
    with pytest.raises(LanUnavailable, match="no certificate authority"):
        load_authority(tmp_path, HOME, "posyantek", NOW)


async def _handshake(folder, addresses, url_host, trusted):
    """Serve with the folder's certificate on loopback, and visit it by a name as a phone would."""
    app = web.Application()

    async def hello(_):
        return web.Response(text="halo")

    app.router.add_get("/", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    port = spare_port()
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=server_context(leaf(folder, addresses))).start()
    try:
        context = ssl.create_default_context(cadata=trusted.decode())
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"https://127.0.0.1:{port}/", ssl=context, server_hostname=url_host) as reply,
        ):
            return await reply.text()
    finally:
        await runner.cleanup()


async def test_a_handshake_is_trusted_by_who_has_the_authority_and_by_nobody_else(tmp_path):
    now = datetime.now(UTC)
    authority = load_authority(tmp_path, HOME, "posyantek", now)
    for name in ("192.168.1.20", "localhost", "posyantek.local"):
        assert await _handshake(tmp_path, HOME, name, authority.pem) == "halo"
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await _handshake(tmp_path, HOME, "192.168.1.99", authority.pem)
    other = load_authority(tmp_path / "other", HOME, "posyantek", now)
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await _handshake(tmp_path, HOME, "localhost", other.pem)


async def test_what_the_authority_does_not_vouch_for_is_not_trusted_even_if_it_signs(tmp_path):
    """The name constraints hold at the phone, not only here: a forged certificate of a public address is refused."""
    now = datetime.now(UTC)
    authority = load_authority(tmp_path, HOME, "posyantek", now)
    public = [IPv4Address("8.8.8.8")]
    load_leaf(tmp_path, authority, public, "posyantek", now)
    with pytest.raises(aiohttp.ClientConnectorCertificateError, match="permitted subtree"):
        await _handshake(tmp_path, public, "localhost", authority.pem)


def test_the_terminal_shows_a_code_the_address_and_the_fingerprint(tmp_path):
    authority = load_authority(tmp_path, HOME, "posyantek", NOW)
    context = server_context(leaf(tmp_path))
    lan = LanDoor("https://192.168.1.20:8443", "http://192.168.1.20:8444", 8443, 8444, authority, context)
    text = for_phones(lan)
    assert lan.url in text
    assert lan.guide_url in text
    assert lan.authority.fingerprint in text
    assert "█" in text


async def _get(url, context=None):
    async with aiohttp.ClientSession() as session, session.get(url, ssl=context or False) as reply:
        return reply.status, await reply.read(), reply.headers


@pytest.mark.slow
async def test_make_run_for_the_room_and_without(tmp_path):
    """LAN=1 serves the pages over TLS on the network's address; a plain run listens on loopback and nowhere else.

    Without a network it says so instead.
    """
    http_port, lan_port = spare_port(), spare_port()
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path / "data"),
        "HTTP_PORT": str(http_port),
        "LAN_PORT": str(lan_port),
        "LOG_LEVEL": "warning",
    }
    if not lan_addresses():
        process = await _started({**environment, "LAN": "1"})
        output, _ = await asyncio.wait_for(process.communicate(), 60)
        assert (process.returncode, b"Join the Wi-Fi first" in output) == (1, True)
        return
    address = lan_addresses()[0]
    async with _running({**environment, "LAN": "1"}, http_port):
        _, pem, headers = await _get(f"http://{address}:{lan_port + 1}/urunbeli-ca.crt")
        assert headers["Content-Type"] == "application/x-x509-ca-cert"
        context = ssl.create_default_context(cadata=pem.decode())
        status, page, _ = await _get(f"https://{address}:{lan_port}/", context)
        assert status == 200
        assert f'content="https://{address}:{lan_port}/"'.encode() in page, "links lead to where phones are"
        _, guide, _ = await _get(f"http://{address}:{lan_port + 1}/")
        assert f"https://{address}:{lan_port}".encode() in guide
        assert (await _get(f"http://{address}:{lan_port + 1}/akun"))[0] == 404
        with pytest.raises(aiohttp.ClientConnectorError):
            await _get(f"http://{address}:{http_port}/")
    async with _running(environment, http_port):
        _, page, _ = await _get(f"http://127.0.0.1:{http_port}/")
        assert f'content="http://localhost:{http_port}/"'.encode() in page
        for url in (
            f"https://{address}:{lan_port}/",
            f"http://{address}:{http_port}/",
            f"http://{address}:{lan_port + 1}/",
        ):
            with pytest.raises(aiohttp.ClientConnectorError):
                await _get(url)


async def _started(environment):
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services", "run", cwd=ROOT, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


@asynccontextmanager
async def _running(environment, port):
    process = await _started(environment)

    async def answers():
        assert process.returncode is None, (await process.stdout.read()).decode()
        try:
            return (await _get(f"http://127.0.0.1:{port}/readyz"))[0] == 200
        except aiohttp.ClientError:
            return False

    try:
        await eventually(answers, within_s=90)
        yield
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 30)
