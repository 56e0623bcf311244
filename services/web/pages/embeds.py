"""Cards of a product or a pool that other sites show in a frame: small, without JavaScript, links lead to the whole window."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from services.web.catalogues import SOURCE_LOCALE
from services.web.kit.things import Thing
from services.web.pages.sharing_kit import pool_of, product_of
from services.web.reading import path_id
from services.web.rendering import render
from services.web.routes import page
from services.web.visit import Visit
from shared.http.edge import ANY_FRAME

_KEPT_S: Final = 60
_POLICY: Final = (
    f"default-src 'none'; img-src 'self'; style-src 'self'; font-src 'self'; {ANY_FRAME}; "
    "base-uri 'none'; form-action 'none'"
)


@page("/sematkan/produk/{listing_id}", for_all=True)
async def embed_product(visit: Visit) -> web.StreamResponse:
    """Show a product as a card for other sites."""
    return _card(await product_of(visit, path_id(visit, "listing_id")))


@page("/sematkan/urun/{pool_id}", for_all=True)
async def embed_pool(visit: Visit) -> web.StreamResponse:
    """Show a pool as a card for other sites."""
    return _card(await pool_of(visit, path_id(visit, "pool_id")))


def _card(thing: Thing) -> web.Response:
    # Nobody is greeted here, in no language of their own: in another site's frame a browser sends no cookies.
    html = render("kit/embed.html", SOURCE_LOCALE, thing=thing)
    response = web.Response(text=html, content_type="text/html")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = f"public, max-age={_KEPT_S}"
    response.headers["Content-Language"] = SOURCE_LOCALE
    return response
