"""Forms with files, as browsers and others send them."""

from __future__ import annotations

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.web.uploads import MOST_PARTS, SentFile, parse
from shared.errors import BadInput

KIND = "multipart/form-data; boundary=x"


def form(*parts: tuple[str, bytes], end=b"--x--\r\n"):
    written = b"".join(b"--x\r\n" + head.encode() + b"\r\n\r\n" + body + b"\r\n" for head, body in parts)
    return written + end


def words(name, value):
    return f'Content-Disposition: form-data; name="{name}"', value.encode()


def file(filename, body, name="foto"):
    head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: image/jpeg'
    return head, body


def test_words_and_files_in_their_order():
    raw = form(words("_csrf", "abc"), file("a.jpg", b"\xff\xd8\r\n--\r\n"), file("b.png", b""), words("alt", "é\r\nx"))
    sent = parse(raw, KIND)
    assert sent.fields == [("_csrf", "abc"), ("alt", "é\r\nx")]
    assert sent.files == [SentFile("foto", "a.jpg", b"\xff\xd8\r\n--\r\n"), SentFile("foto", "b.png", b"")]


def test_input_that_was_left_empty_is_no_file():
    assert parse(form(file("", b"")), KIND).files == []
    assert parse(form(file("", b"x")), KIND).files == [SentFile("foto", "?", b"x")]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("IMG 1.jpg", "IMG 1.jpg"),
        (r"C:\\Foto\\a.jpg", "a.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a%22b.jpg", 'a"b.jpg'),
        ("foto keripik 🍌.heic", "foto keripik 🍌.heic"),
        ("balik\u202egpj.exe", "balikgpj.exe"),
        ("a" * 300 + ".jpeg", "a" * 68 + "…" + "a" * 5 + ".jpeg"),
    ],
)
def test_name_is_fit_to_be_read(sent, shown):
    assert parse(form(file(sent, b"x")), KIND).files[0].name == shown


async def test_what_a_common_client_sends_is_understood():
    data = aiohttp.FormData()
    data.add_field("_csrf", "abc")
    data.add_field("foto", b"\x00\r\n" * 1000, filename="a.jpg", content_type="image/jpeg")
    payload = data()
    sent = parse(await payload.as_bytes(), payload.content_type)
    assert sent.fields == [("_csrf", "abc")]
    assert sent.files == [SentFile("foto", "a.jpg", b"\x00\r\n" * 1000)]


def test_words_before_and_after_are_passed_over():
    raw = b"This is a form.\r\n" + form(words("a", "1")) + b"The end."
    assert parse(raw, 'multipart/form-data; charset=utf-8; boundary="x"').fields == [("a", "1")]


BAD = {
    "no boundary": (form(words("a", "1")), "multipart/form-data"),
    "another boundary": (form(words("a", "1")), "multipart/form-data; boundary=y"),
    "empty": (b"", KIND),
    "cut off": (form(words("a", "1"))[:-12], KIND),
    "no end": (form(words("a", "1"), end=b""), KIND),
    "no name": (form(("Content-Disposition: form-data", b"1")), KIND),
    "no head": (form(("", b"1")), KIND),
    "another kind": (form(('Content-Disposition: attachment; name="a"', b"1")), KIND),
    "long head": (form((words("a", "1")[0] + "\r\nX: " + "y" * 5000, b"1")), KIND),
    "long words": (form(words("a", "1" * 70_000)), KIND),
    "not UTF-8": (form(('Content-Disposition: form-data; name="a"', b"\xff")), KIND),
    "too many parts": (form(*[words("a", "1")] * (MOST_PARTS + 1)), KIND),
}


@pytest.mark.parametrize(("raw", "kind"), BAD.values(), ids=BAD)
def test_broken_form_is_refused(raw, kind):
    with pytest.raises(BadInput):
        parse(raw, kind)


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_bytes_arrive_as_they_were_sent(bodies):
    """Except those in which the boundary stands, which a browser would not have chosen."""
    bodies = [body.replace(b"--x", b"-") for body in bodies]
    raw = form(*(file(f"{number}.jpg", body) for number, body in enumerate(bodies)))
    assert [sent.body for sent in parse(raw, KIND).files] == bodies


@given(st.binary(max_size=300))
def test_whatever_comes_is_understood_or_refused(raw):
    for body in (raw, b"--x\r\n" + raw, b"--x\r\n" + raw + b"\r\n--x--"):
        try:
            parse(body, KIND)
        except BadInput:
            continue
