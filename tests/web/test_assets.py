"""Static files: addresses that change with their content, untouched vendored files, and few bytes."""

from __future__ import annotations

import gzip
import hashlib
import re

import pytest

from services.web.assets import FOLDER, Assets, assets
from services.web.gallery import render_pool_sample

SPRITE = '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="home" viewBox="0 0 24 24"/></svg>'
FIRST_VIEW_BYTES = 60 * 1024


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "icons.svg").write_text(SPRITE)
    (tmp_path / "face.woff2").write_bytes(b"font")
    (tmp_path / "look.css").write_text('@font-face { src: url("face.woff2"); }')
    (tmp_path / "NOTES.md").write_text("not for browsers")
    return tmp_path


def test_an_address_changes_with_what_it_names(folder):
    before = Assets(folder)
    (folder / "face.woff2").write_bytes(b"another font")
    after = Assets(folder)
    assert before.url("icons.svg") == after.url("icons.svg")
    assert before.url("face.woff2") != after.url("face.woff2")
    assert before.url("look.css") != after.url("look.css"), "a stylesheet is another one when its font is"


def test_a_stylesheet_names_files_by_addresses_that_exist(folder):
    served = Assets(folder)
    name = re.findall(r'url\("(.+?)"\)', served.named("look.css").body.decode())[0]
    font = served.find(name)
    assert font is not None
    assert font.body == b"font"
    assert font.gzipped is None


def test_only_files_for_browsers_are_served(folder):
    served = Assets(folder)
    with pytest.raises(KeyError):
        served.url("NOTES.md")
    assert served.find("look.css") is None, "without its hash a file could be kept for ever by mistake"
    look = served.find(served.url("look.css").rpartition("/")[2])
    assert look is not None
    assert gzip.decompress(look.gzipped or b"") == look.body


def test_an_unknown_icon_is_an_error(folder):
    assert Assets(folder).icon_url("home").endswith("#home")
    with pytest.raises(KeyError):
        Assets(folder).icon_url("hovercraft")


def test_vendored_files_are_as_they_came():
    rows = re.findall(r"^\| `([\w.-]+)` .*`([0-9a-f]{64})` \|$", (FOLDER / "VENDORED.md").read_text(), re.MULTILINE)
    assert len(rows) == 5
    assert {name: hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name, _ in rows} == dict(rows)


def test_the_first_view_of_a_pool_is_light():
    """Everything that a phone fetches for the sample pool, its picture included."""
    html = render_pool_sample("id")
    names = set(re.findall(r'(?:src|href)="/static/([\w.-]+)', html)) | {
        assets().url(font).rpartition("/")[2] for font in ("plus-jakarta-sans-400.woff2", "plus-jakarta-sans-700.woff2")
    }
    served = [assets().find(name) for name in names]
    assert None not in served
    total = len(gzip.compress(html.encode())) + sum(asset.wire_bytes for asset in served if asset)
    assert total <= FIRST_VIEW_BYTES
