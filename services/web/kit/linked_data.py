"""What search engines read of a page: schema.org as JSON-LD, safe inside a `<script type="application/ld+json">`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from services.web.kit.things import cover_of
from shared.json import dumps

Json = Mapping[str, Any]

# Inside a script element only these could end it, or begin a comment; JSON has the same letters as escapes.
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def json_ld(product: Json, origin: str) -> Markup:
    """Describe a product with its offer. `product`: as the API tells it; `origin`: the public scheme and host."""
    url = f"{origin}/produk/{product['id']}"
    seller = {
        "@type": "LocalBusiness",
        "name": product["business_name"],
        "url": f"{origin}/usaha/{product['business_id']}",
    }
    is_sold = product["status"] == "published"
    return _script(
        {
            "@context": "https://schema.org",
            "@type": "Product",
            "@id": url,
            "name": product["name"],
            "description": product["description"] or product["name"],
            "sku": product["id"],
            "image": [image_url(product, origin)],
            "brand": {"@type": "Brand", "name": product["business_name"]},
            "offers": {
                "@type": "Offer",
                "url": url,
                "price": str(product["price_idr"]),
                "priceCurrency": "IDR",
                "availability": f"https://schema.org/{'InStock' if is_sold else 'OutOfStock'}",
                "itemCondition": "https://schema.org/NewCondition",
                "seller": seller,
            },
        }
    )


def business_json_ld(business: Json, post: Json | None, origin: str) -> Markup:
    """Describe a business. `post`: the one that has verified it, for where it is."""
    url = f"{origin}/usaha/{business['id']}"
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "@id": url,
        "name": business["name"],
        "url": url,
        "image": [f"{url}/bagikan/gambar.png"],
        "telephone": business["whatsapp"],
    }
    if business["story"]:
        told["description"] = business["story"]
    if post is not None:
        told["address"] = {
            "@type": "PostalAddress",
            "addressLocality": post["region_name"],
            "addressRegion": "DKI Jakarta",
            "addressCountry": "ID",
        }
    return _script(told)


def image_url(product: Json, origin: str) -> str:
    """Where a product's largest picture is: its photo, or the share picture while it has none."""
    cover = cover_of(product)
    if cover is not None:
        return f"{origin}/api/v1{cover.path(1280)}"
    return f"{origin}/produk/{product['id']}/bagikan/gambar.png?v={product['version']}"


def _script(told: Mapping[str, Any]) -> Markup:
    text = dumps(told).decode()
    for letter, escape in _UNSAFE.items():
        text = text.replace(letter, escape)
    return Markup(text)  # noqa: S704 -- nothing in it can end the element
