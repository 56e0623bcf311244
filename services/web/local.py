"""Addresses that lead nowhere but to this site."""

from urllib.parse import SplitResult, urlsplit

_NOWHERE = SplitResult("", "", "", "", "")


def local_path(text: str) -> str:
    """Keep a redirect on this site: anything else leads home."""
    parts = split(text)
    is_local = (
        parts.path
        and not parts.scheme
        and not parts.netloc
        and text.startswith("/")
        and not text.startswith(("//", "/\\"))
    )
    return text if is_local and "\n" not in text and "\r" not in text else "/"


def split(url: str) -> SplitResult:
    """Take an address apart that anybody may have written; what is none has no parts."""
    try:
        return urlsplit(url)
    except ValueError:
        return _NOWHERE
