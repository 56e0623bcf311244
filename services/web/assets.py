"""Static files, read once, each under an address that names its content.

A changed file has another address, so browsers and proxies may keep every file for ever, and a page never
meets a stylesheet of another release.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static/"
CACHE_CONTROL = "public, max-age=31536000, immutable"

_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_ALREADY_COMPRESSED = {".png", ".woff2"}
_CSS_URL = re.compile(r'url\("([\w.-]+)"\)')
_CSS_COMMENT = re.compile(r"/\*(?!!).*?\*/\s*", re.DOTALL)
"""But for licences: a tenth of the stylesheet, which every first view of a page would carry."""
_SYMBOL_ID = re.compile(r'<symbol id="([\w-]+)"')


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served: `gzipped` is `None` where compressing would only cost time."""

    name: str
    body: bytes
    gzipped: bytes | None
    content_type: str

    @property
    def wire_bytes(self) -> int:
        """How many bytes of body travel to a browser that accepts gzip."""
        return len(self.body if self.gzipped is None else self.gzipped)


class Assets:
    """All files of one folder, by name for templates and by hashed name for browsers."""

    def __init__(self, folder: Path) -> None:
        self._hashed_by_name: dict[str, str] = {}
        self._by_hashed: dict[str, Asset] = {}
        # Stylesheets name other files, so they are read when those already have their hashed names.
        for path in sorted(folder.iterdir(), key=lambda path: (path.suffix == ".css", path.name)):
            if path.suffix in _CONTENT_TYPES:
                self._add(path)
        self.icons = frozenset(_SYMBOL_ID.findall(self.named("icons.svg").body.decode()))

    def _add(self, path: Path) -> None:
        body = path.read_bytes()
        if path.suffix == ".css":
            text = _CSS_COMMENT.sub("", body.decode())
            body = _CSS_URL.sub(lambda match: f'url("{self._hashed_by_name[match[1]]}")', text).encode()
        digest = hashlib.sha256(body).hexdigest()[:12]
        hashed_name = f"{path.stem}.{digest}{path.suffix}"
        gzipped = None if path.suffix in _ALREADY_COMPRESSED else gzip.compress(body, 9, mtime=0)
        self._hashed_by_name[path.name] = hashed_name
        self._by_hashed[hashed_name] = Asset(path.name, body, gzipped, _CONTENT_TYPES[path.suffix])

    def url(self, name: str) -> str:
        """The address of file `name`; raises `KeyError` when there is none."""
        return PREFIX + self._hashed_by_name[name]

    def icon_url(self, name: str) -> str:
        """The address of one icon of the sprite; raises `KeyError` when the sprite lacks it."""
        if name not in self.icons:
            raise KeyError(name)
        return f"{self.url('icons.svg')}#{name}"

    def named(self, name: str) -> Asset:
        """The file called `name`; raises `KeyError` when there is none."""
        return self._by_hashed[self._hashed_by_name[name]]

    def find(self, hashed_name: str) -> Asset | None:
        """The file a browser asks for by the last part of its address, or `None`."""
        return self._by_hashed.get(hashed_name)


@lru_cache(maxsize=1)
def assets() -> Assets:
    """The service's own files, read at first use."""
    return Assets(FOLDER)
