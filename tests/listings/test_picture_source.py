"""Pictures by link: the real source and the fake under one suite, and what the real one never touches."""

import asyncio
import datetime
import ipaddress
import ssl
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.listings.picture_source_gateway import (
    MOST_BYTES,
    FakePictureSource,
    HttpsPictureSource,
    PictureRefused,
    PictureUnreachable,
    is_public,
)
from shared.processes import spare_port

HOST = "gambar.example"


def certificate(folder):
    """A certificate for the host, and a context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "cert.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=path)


class Server:
    """Another site with pictures, some of which misbehave."""

    def __init__(self, folder):
        self.port = spare_port()
        self.server_tls, self.tls = certificate(folder)
        self.looked_up = []

    async def answer(self, request):
        name = request.path
        if name == "/melompat.png":
            raise web.HTTPFound("/a.png")
        if name == "/pergi.png":
            raise web.HTTPFound("https://lain.example/a.png")
        if name == "/turun.png":
            raise web.HTTPFound(f"http://{HOST}/a.png")
        if name == "/berputar.png":
            raise web.HTTPFound("/berputar.png")
        if name == "/lambat.png":
            await asyncio.sleep(30)
        if name == "/tanpa-akhir.png":
            response = web.StreamResponse()
            await response.prepare(request)
            for _ in range(MOST_BYTES // 2**20 + 2):
                await response.write(b"0" * 2**20)
            return response
        if name == "/besar.png":
            return web.Response(body=b"0" * (MOST_BYTES + 1))
        return web.Response(body=b"isi") if name == "/a.png" else web.Response(status=503 if "sibuk" in name else 404)

    @asynccontextmanager
    async def running(self):
        runner = web.ServerRunner(web.Server(self.answer))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port, ssl_context=self.server_tls).start()
        try:
            yield self
        finally:
            await runner.cleanup()

    async def lookup(self, host):
        self.looked_up.append(host)
        return ["127.0.0.1"]

    def source(self, **more):
        given = {"lookup": self.lookup, "allows": lambda _: True, "port": self.port, "tls": self.tls, "patience_s": 3}
        return HttpsPictureSource(**given | more)

    def url(self, name):
        return f"https://{HOST}:{self.port}/{name}"


@pytest.fixture(scope="module")
async def server(tmp_path_factory):
    async with Server(tmp_path_factory.mktemp("pictures")).running() as server:
        yield server


@pytest.fixture(params=["real", "fake"])
def source(request, server):
    if request.param == "real":
        return server.source()
    pictures = {server.url("a.png"): b"isi", server.url("besar.png"): b"0" * (MOST_BYTES + 1)}
    return FakePictureSource(pictures, {server.url("sibuk.png"): 503})


async def test_picture_is_fetched(source, server):
    assert await source.fetch(server.url("a.png")) == b"isi"


@pytest.mark.parametrize("name", ["hilang.png", "besar.png"])
async def test_what_is_not_there_or_too_large_is_refused_for_good(source, server, name):
    with pytest.raises(PictureRefused) as told:
        await source.fetch(server.url(name))
    assert not isinstance(told.value, PictureUnreachable)
    assert told.value.reason


async def test_busy_server_is_tried_again(source, server):
    with pytest.raises(PictureUnreachable):
        await source.fetch(server.url("sibuk.png"))


async def test_only_https_is_fetched(source):
    with pytest.raises(PictureRefused):
        await source.fetch(f"http://{HOST}/a.png")


# The real one alone


async def test_redirect_on_the_same_host_is_followed_and_no_other(server):
    assert await server.source().fetch(server.url("melompat.png")) == b"isi"
    for name in ("pergi.png", "turun.png", "berputar.png"):
        with pytest.raises(PictureRefused) as told:
            await server.source().fetch(server.url(name))
        assert not isinstance(told.value, PictureUnreachable)


async def test_endless_and_slow_answers_are_cut(server):
    with pytest.raises(PictureRefused):
        await server.source().fetch(server.url("tanpa-akhir.png"))
    with pytest.raises(PictureUnreachable):
        await server.source(patience_s=0.3).fetch(server.url("lambat.png"))


async def test_certificate_must_be_the_hosts(server):
    with pytest.raises(PictureUnreachable):
        await server.source(tls=None).fetch(server.url("a.png"))


async def test_name_is_resolved_once_and_that_address_connected_to(server):
    """A name that leads elsewhere at the second look leads nowhere: there is no second look."""
    answers = [["127.0.0.1"], ["169.254.169.254"]]

    async def lookup(_):
        return answers.pop(0)

    seen = []
    source = server.source(lookup=lookup, allows=lambda address: not seen.append(address))
    assert await source.fetch(server.url("melompat.png")) == b"isi"
    assert (seen, len(answers)) == (["127.0.0.1"], 1)


@pytest.mark.parametrize(
    "addresses",
    [[], ["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["169.254.169.254"], ["::1"], ["::ffff:127.0.0.1"], ["fd00::1"]],
    ids=str,
)
async def test_name_that_leads_inside_is_refused(server, addresses):
    async def lookup(_):
        return addresses

    with pytest.raises(PictureRefused, match="alamat umum"):
        await server.source(lookup=lookup, allows=is_public).fetch(server.url("a.png"))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/a.png", "https://[::1]/a.png", "https://169.254.169.254/latest/meta-data", "https://10.0.0.1/",
        "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/", "https://[fe80::1%25eth0]/", "https://x:y@gambar.example/a.png",
        "https://gambar.example:8443/a.png", "https:///a.png", "ftp://gambar.example/a", "file:///etc/passwd", "https://[/",
        "https://gambar.example:99999/",
    ],
)  # fmt: skip
async def test_address_inside_or_strange_is_refused_without_a_look(url):
    async def never(_):
        raise AssertionError("looked up")

    with pytest.raises(PictureRefused) as told:
        await HttpsPictureSource(lookup=never).fetch(url)
    assert not isinstance(told.value, PictureUnreachable)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost"])
async def test_other_spellings_of_inside_are_refused(host):
    with pytest.raises(PictureRefused):
        await HttpsPictureSource().fetch(f"https://{host}/a.png")


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_public_addresses(address):
    assert is_public(address)
    assert ipaddress.ip_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "0.0.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "ff02::1",
        "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::", "fec0::1", "x", "",
    ],
)  # fmt: skip
def test_addresses_inside(address):
    assert not is_public(address)
