"""Feeds of products: RSS 2.0 for readers, and RSS 2.0 with Google's names for Merchant Center and Meta catalogues."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any, Final

from services.web.kit.linked_data import image_url
from services.web.kit.things import NO_UNIT
from shared.errors import rupiah

Json = Mapping[str, Any]

# XML 1.0 has no way to write these.
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_TITLE: Final = 150
_LONGEST_DESCRIPTION: Final = 5000
_LONGEST_BRAND: Final = 70
"""Google's limits; names and stories here are shorter, but that is the API's word."""


def element(name: str, text: str, **attributes: str) -> str:
    """Write an element with a text, both escaped."""
    given = "".join(f' {key}="{_text(value)}"' for key, value in attributes.items())
    return f"<{name}{given}>{_text(text)}</{name}>"


def _text(text: str) -> str:
    return escape(_NO_XML.sub("", text))


def rss(title: str, description: str, self_url: str, page_url: str, items: Sequence[Json], origin: str) -> bytes:
    """Write the feed of new products, newest first. Times are RFC 822 for RSS, and RFC 3339 in the Atom elements."""
    newest = max((moment for item in items if (moment := item["published_at"])), default=None)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>',
        element("title", title),
        element("link", page_url),
        element("description", description),
        "<language>id</language>",
        f'<atom:link rel="self" type="application/rss+xml" href="{_text(self_url)}"/>',
    ]
    if newest is not None:
        lines += [element("lastBuildDate", rfc822(newest)), element("atom:updated", rfc3339(newest))]
    lines += [_rss_item(item, origin) for item in items]
    return "\n".join([*lines, "</channel></rss>\n"]).encode()


def _rss_item(item: Json, origin: str) -> str:
    url = f"{origin}/produk/{item['id']}"
    told = f"{rupiah(item['price_idr'])} per {item['unit'] or NO_UNIT}, dari {item['business_name']}."
    if item["description"]:
        told += f" {item['description']}"
    parts = [
        element("title", f"{item['name']} – {rupiah(item['price_idr'])}"),
        element("link", url),
        element("guid", url, isPermaLink="true"),
        element("description", told),
        element("category", item["category"]),
    ]
    if item["published_at"] is not None:
        parts += [
            element("pubDate", rfc822(item["published_at"])),
            element("atom:updated", rfc3339(item["published_at"])),
        ]
    return f"<item>{''.join(parts)}</item>"


def rfc822(moment: datetime) -> str:
    """Write a moment as RSS wants it: `Tue, 24 Nov 2026 08:04:00 GMT`."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def rfc3339(moment: datetime) -> str:
    """Write a moment as Atom wants it: `2026-11-24T08:04:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def catalogue_head(origin: str) -> bytes:
    """Begin the catalogue of all products."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>\n'
        f"{element('title', 'urunbeli')}{element('link', origin)}{element('description', 'Produk UKM tetangga')}\n"
    ).encode()


def catalogue_items(items: Iterable[Json], origin: str) -> bytes:
    """Write products of the catalogue."""
    return "".join(f"<item>{''.join(_catalogue_item(item, origin))}</item>\n" for item in items).encode()


CATALOGUE_END: Final = b"</channel></rss>\n"


def _catalogue_item(item: Json, origin: str) -> Iterator[str]:
    yield element("g:id", str(item["id"]))
    yield element("title", item["name"][:_LONGEST_TITLE])
    yield element(
        "description", (item["description"] or f"{item['name']} dari {item['business_name']}")[:_LONGEST_DESCRIPTION]
    )
    yield element("link", f"{origin}/produk/{item['id']}?dari=katalog")
    yield element("g:image_link", image_url(item, origin))
    yield element("g:availability", "in_stock" if item["status"] == "published" else "out_of_stock")
    # Both readers want two decimals; there are no sen in use.
    yield element("g:price", f"{item['price_idr']}.00 IDR")
    yield element("g:condition", "new")
    yield element("g:brand", item["business_name"][:_LONGEST_BRAND])
    yield element("g:identifier_exists", "no")
    yield element("g:product_type", item["category"])
