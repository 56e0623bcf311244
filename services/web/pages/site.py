"""What is no page of the main job: static files, the language switch, the component gallery."""

from __future__ import annotations

from aiohttp import web

from services.web import cookies, gallery
from services.web.assets import CACHE_CONTROL, assets
from services.web.local import local_path
from services.web.routes import page
from services.web.visit import SECURITY, Visit
from shared.errors import NotFound

YEAR_S = 365 * 86400


@page("/static/{name}")
async def static_file(visit: Visit) -> web.StreamResponse:
    """Serve a file whose address names its content, so that it may be kept for ever."""
    asset = assets().find(visit.request.match_info["name"])
    if asset is None:
        raise NotFound
    headers = {"Cache-Control": CACHE_CONTROL, "Content-Type": asset.content_type, "Vary": "Accept-Encoding"}
    if asset.gzipped is not None and "gzip" in visit.request.headers.get("Accept-Encoding", ""):
        return web.Response(body=asset.gzipped, headers={**headers, "Content-Encoding": "gzip"})
    return web.Response(body=asset.body, headers=headers)


@page("/bahasa/{language}")
async def choose_language(visit: Visit) -> web.StreamResponse:
    """Keep the visitor's language and lead back to the page they came from."""
    language = visit.request.match_info["language"]
    if language not in {"id", "en"}:
        raise NotFound
    response = web.Response(status=303, headers={"Location": local_path(visit.request.query.get("kembali", "/"))})
    response.set_cookie(cookies.LANGUAGE, language, max_age=YEAR_S, path="/", httponly=True, samesite="Lax")
    return response


@page("/gaya")
async def show_gallery(visit: Visit) -> web.StreamResponse:
    """Show every component in every state."""
    return web.Response(text=gallery.render_gallery(visit.locale), content_type="text/html", headers=SECURITY)


@page("/robots.txt")
async def robots(_: Visit) -> web.StreamResponse:
    """Tell search engines what is theirs to read."""
    text = "User-agent: *\nDisallow: /akun\nDisallow: /petugas\nDisallow: /komitmen\nDisallow: /masuk\n"
    return web.Response(text=text, content_type="text/plain", headers={"Cache-Control": "max-age=3600"})
