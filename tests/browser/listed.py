"""The pages under inspection, and who looks at them. A page that is built later comes under it by a line here."""

from __future__ import annotations

import re
from typing import NamedTuple

from services.web.routes import routes
from tests.browser.world import Role


class Listed(NamedTuple):
    """A page in one state. `address` may name places of the world; `status` is what it answers."""

    role: Role
    name: str
    address: str
    status: int = 200

    @property
    def id(self) -> str:
        """Name of the test and of the screenshots' place."""
        return f"{self.role}/{self.name}"


PAGES = (
    Listed("visitor", "home", "/"),
    Listed("visitor", "shelves", "/cari"),
    Listed("visitor", "found", "/cari?q=keripik"),
    Listed("visitor", "found-nothing", "/cari?q=helikopter"),
    Listed("visitor", "posts", "/posyantek"),
    Listed("visitor", "posts-found", "/posyantek?q=cempaka+putih"),
    Listed("visitor", "posts-unserved", "/posyantek?q=menteng"),
    Listed("visitor", "post", "/posyantek/{post}"),
    Listed("visitor", "products", "/produk"),
    Listed("visitor", "products-none", "/produk?q=helikopter"),
    Listed("visitor", "product", "/produk/{listing}?jumlah=3"),
    Listed("visitor", "business", "/usaha/{business}"),
    Listed("visitor", "order-by-chat", "/produk/{listing}/pesan?jumlah=2"),
    Listed("visitor", "campaigns", "/kampanye"),
    Listed("visitor", "campaign", "/kampanye/{campaign}"),
    Listed("visitor", "technologies", "/ttg"),
    Listed("visitor", "technologies-chosen", "/ttg?daya=900"),
    Listed("visitor", "technology", "/ttg/tray-dryer"),
    Listed("visitor", "choosing", "/alat-untuk-usaha"),
    Listed(
        "visitor",
        "choosing-found",
        "/alat-untuk-usaha?nama=Keripik+singkong&kategori=snacks&kg=40&daya=1300&kecamatan=31.71.05",
    ),
    Listed(
        "owner",
        "choosing-reckoned",
        "/alat-untuk-usaha?nama=Keripik+singkong&kategori=snacks&kg=40&daya=1300&posyantek={post_id}&alat=spinner-peniris-minyak&jam=6%2C5&upah=20000",
    ),
    Listed("visitor", "choosing-wrong", "/alat-untuk-usaha?nama=Keripik&kg=banyak", 422),
    Listed("visitor", "needs", "/kebutuhan"),
    Listed("visitor", "report", "/produk/{listing}/laporkan"),
    Listed("owner", "product-hidden", "/produk/{hidden_listing}"),
    Listed("owner", "product-appeal", "/jualan/{hidden_listing}/keberatan"),
    Listed("operator", "desk-reports", "/petugas?jenis=laporan"),
    Listed("operator", "case", "/petugas/laporan/{case}"),
    Listed("checker", "case-appealed", "/petugas/laporan/{hidden_case}"),
    Listed("visitor", "need", "/kebutuhan/{need}"),
    Listed("owner", "own-need", "/kebutuhan/{need}"),
    Listed("operator", "need-to-close", "/kebutuhan/{need}"),
    Listed("member", "new-need", "/kebutuhan/baru?posyantek={post_id}"),
    Listed("visitor", "technology-without-offer", "/ttg/{technology_without_offer}"),
    Listed("visitor", "supplier", "/pemasok/{supplier}"),
    Listed("visitor", "pools", "/urun"),
    Listed("visitor", "pools-all", "/urun?keadaan=semua"),
    Listed("visitor", "pool-open", "/urun/{pool_open}?unit=2"),
    Listed("visitor", "pool-cancelled", "/urun/{pool_cancelled}"),
    Listed("visitor", "pool-failed", "/urun/{pool_failed}"),
    Listed("visitor", "pool-collecting", "/urun/{pool_collecting}"),
    Listed("visitor", "pool-settled", "/urun/{pool_settled}"),
    Listed("visitor", "book", "/urun/{pool_settled}/buku"),
    Listed("visitor", "book-empty", "/urun/{pool_open}/buku"),
    Listed("visitor", "people", "/urun/{pool_open}/peserta"),
    Listed("visitor", "log-in", "/masuk?lanjut=/akun"),
    Listed("visitor", "help", "/bantuan"),
    Listed("visitor", "how-to", "/bantuan/cara-urun"),
    Listed("visitor", "privacy", "/privasi"),
    Listed("visitor", "message-box", "/kotak-pesan"),
    Listed("visitor", "components", "/gaya"),
    Listed("visitor", "not-found", "/tidak-ada", 404),
    Listed("visitor", "no-such-pool", "/urun/01900000-0000-7000-8000-000000000000", 404),
    Listed("newcomer", "account", "/akun"),
    Listed("newcomer", "own-pledges", "/akun/daftar/komitmen"),
    Listed("newcomer", "own-pools", "/akun/daftar/urun"),
    Listed("newcomer", "join", "/urun/{pool_open}/ikut?unit=2"),
    Listed("newcomer", "propose", "/urun/baru?penawaran={offer}"),
    Listed("newcomer", "business-new", "/usaha/baru"),
    Listed("newcomer", "invitation", "/usaha/undangan?kode={invitation}"),
    Listed("newcomer", "invitation-over", "/usaha/undangan?kode=lama", 422),
    Listed("newcomer", "supplier-register", "/pemasok/daftar"),
    Listed("newcomer", "no-desk", "/petugas", 403),
    Listed("newcomer", "no-orders", "/pesanan", 403),
    Listed("member", "account", "/akun"),
    Listed("member", "own-pledges", "/akun/daftar/komitmen"),
    Listed("member", "pledge-asked", "/komitmen/{pledge_asked}"),
    Listed("member", "pledge-to-pay", "/komitmen/{pledge_collecting}"),
    Listed("member", "pledge-paid", "/komitmen/{pledge_ordered}"),
    Listed("member", "pledge-fulfilled", "/komitmen/{pledge_settled}"),
    Listed("member", "pledge-failed", "/komitmen/{pledge_failed}"),
    Listed("member", "pool-mine", "/urun/{pool_collecting}"),
    Listed("member", "messages", "/pemberitahuan"),
    Listed("owner", "account", "/akun"),
    Listed("owner", "own-products", "/akun/daftar/jualan"),
    Listed("owner", "own-businesses", "/akun/daftar/usaha"),
    Listed("owner", "own-pools", "/akun/daftar/urun"),
    Listed("owner", "profile", "/akun/ubah"),
    Listed("owner", "devices", "/akun/perangkat"),
    Listed("owner", "saved-searches", "/pencarian"),
    Listed("owner", "own-data", "/akun/data"),
    Listed("owner", "erase", "/akun/hapus"),
    Listed("owner", "business", "/usaha/{business}"),
    Listed("owner", "business-edit", "/usaha/{business}/ubah"),
    Listed("owner", "business-permits", "/usaha/{business}/izin"),
    Listed("owner", "business-managers", "/usaha/{business}/pengelola"),
    Listed("owner", "business-history", "/usaha/{business}/riwayat"),
    Listed("owner", "product", "/produk/{listing}"),
    Listed("owner", "product-new", "/jualan/baru"),
    Listed("owner", "product-edit", "/jualan/{listing}/ubah"),
    Listed("owner", "product-archive", "/jualan/{listing}/arsip"),
    Listed("owner", "promotion", "/jualan/{listing}/promo"),
    Listed("owner", "figures", "/jualan/{listing}/angka"),
    Listed("owner", "enquiries", "/jualan/{listing}/pesanan"),
    Listed("owner", "campaign", "/kampanye/{campaign}"),
    Listed("owner", "products-import", "/jualan/impor"),
    Listed("owner", "products-imported", "/jualan/impor/{import}"),
    Listed("owner", "products-export", "/jualan/ekspor"),
    Listed("owner", "photos", "/jualan/{listing}/foto"),
    Listed("visitor", "share-product", "/produk/{listing}/bagikan"),
    Listed("visitor", "share-business", "/usaha/{business}/bagikan"),
    Listed("visitor", "share-pool", "/urun/{pool_open}/bagikan"),
    Listed("visitor", "share-post", "/posyantek/{post_id}/bagikan"),
    Listed("operator", "digest", "/posyantek/{post_id}/ringkasan"),
    Listed("owner", "pool-draft", "/urun/{pool_draft}"),
    Listed("owner", "pool-edit", "/urun/{pool_draft}/ubah"),
    Listed("treasurer", "account", "/akun"),
    Listed("treasurer", "pool-collecting", "/urun/{pool_collecting}"),
    Listed("treasurer", "pool-ordered", "/urun/{pool_ordered}"),
    Listed("treasurer", "book", "/urun/{pool_ordered}/buku"),
    Listed("treasurer", "messages", "/pemberitahuan"),
    Listed("supplier", "account", "/akun"),
    Listed("supplier", "own", "/pemasok"),
    Listed("supplier", "own-public", "/pemasok/{supplier}"),
    Listed("supplier", "bank", "/pemasok/{supplier}/rekening"),
    Listed("supplier", "offer-new", "/pemasok/penawaran/baru?alat={technology_id}"),
    Listed("supplier", "offer-edit", "/pemasok/penawaran/{offer}/ubah"),
    Listed("supplier", "offer-withdraw", "/pemasok/penawaran/{offer}/tarik"),
    Listed("supplier", "orders", "/pesanan"),
    Listed("supplier", "order-asked", "/pesanan/{order_asked}"),
    Listed("supplier", "order-accepted", "/pesanan/{order_collecting}"),
    Listed("supplier", "order-funded", "/pesanan/{order_ordered}"),
    Listed("supplier", "order-closed", "/pesanan/{order_settled}"),
    Listed("operator", "desk", "/petugas"),
    Listed("operator", "counter-collecting", "/petugas/urun/{pool_collecting}"),
    Listed("operator", "counter-delivered", "/petugas/urun/{pool_delivered}"),
    Listed("operator", "assist", "/petugas/bantu"),
    Listed("operator", "pool-open", "/urun/{pool_open}"),
    Listed("operator", "account", "/akun"),
    Listed("operator", "campaigns", "/kampanye"),
    Listed("operator", "campaign", "/kampanye/{campaign}"),
    Listed("operator", "campaign-new", "/posyantek/{post_id}/kampanye/baru"),
    Listed("operator", "campaign-edit", "/kampanye/{campaign}/ubah"),
    Listed("operator", "campaign-cancel", "/kampanye/{campaign}/batal"),
    Listed("checker", "desk", "/petugas"),
    Listed("officer", "desk", "/petugas"),
    Listed("officer", "account", "/akun"),
)

NOT_PAGES = {
    "/static/{name}": "files, weighed with the pages that name them",
    "/bahasa/{language}": "leads back to where one was",
    "/robots.txt": "for search engines",
    "/produk/{listing_id}/bagikan/{name}": "a download",
    "/usaha/{business_id}/bagikan/{name}": "a download",
    "/urun/{pool_id}/bagikan/{name}": "a download",
    "/posyantek/{post}/bagikan/{name}": "a download",
    "/urun/{pool_id}/batas-waktu.ics": "a download",
    "/kampanye/{slug}/jadwal.ics": "a download",
    "/umpan/produk.xml": "for feed readers",
    "/umpan/katalog.xml": "for shopping catalogues",
    "/sematkan/produk/{listing_id}": "a card in other sites' frames: see tests/web/test_kit_in_browser.py",
    "/sematkan/urun/{pool_id}": "a card in other sites' frames: see tests/web/test_kit_in_browser.py",
    "/jualan/impor/{import_id}/perbaikan.csv": "a download",
    "/jualan/ekspor/{business_id}/{name}": "a download",
    "/urun/{pool_id}/langsung": "the stream behind a pool's page",
}
"""Addresses of the web service that nobody looks at, and why."""


def route_of(address: str) -> str | None:
    """Find the route that answers an address: the one with the most fixed words, as aiohttp is given them."""
    path = address.partition("?")[0]
    # A place stands for any one part of an address.
    path = re.sub(r"{\w+}", "x", path)
    fitting = [route for route in page_routes() if re.fullmatch(re.sub(r"{\w+}", "[^/]+", route), path)]
    return min(fitting, key=lambda route: route.count("{"), default=None)


def page_routes() -> list[str]:
    """Every address of the web service that is read."""
    return [route.path for route in routes.all if route.method == "GET"]
