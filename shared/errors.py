"""Refusals: every way in which a request can be told no, each with a slug and a sentence to act on.

    Refusal
    ├── BadInput (400)          the request cannot be understood
    │   ├── MalformedJson, MalformedId, InvalidFields, BadCursor
    │   └── IdempotencyKeyMissing, IdempotencyKeyMalformed
    ├── NotSignedIn (401)       nobody is signed in, or the token is over
    ├── NotAllowed (403)        somebody is signed in, but may not
    ├── NotFound (404)          no such object, or not for the caller's eyes
    ├── Conflict (409)          the object's state says no, now
    │   └── RequestInFlight
    ├── TooLarge (413)
    ├── Unprocessable (422)     understood, but a rule says no
    │   └── IdempotencyKeyReused
    ├── TooMany (429)           a limit of rate; `retry_after_s` says when again
    └── Unavailable (503)       a part is down; the same request may be repeated

Services subclass the status classes next to the rule that refuses. The HTTP edge (`shared.http.edge`) turns a
refusal into `application/problem+json` (RFC 9457) in the caller's language; nothing else does.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Refusal(Exception):
    """Something that was asked for is refused. `details` fill the message's `{placeholders}` and the problem."""

    slug: ClassVar[str] = "refused"
    status: ClassVar[int] = 500
    message_id: ClassVar[str] = "Permintaan ini tidak dapat diproses."
    message_en: ClassVar[str] = "This request cannot be processed."

    def __init__(self, **details: Any) -> None:  # noqa: ANN401 -- a problem's extension members are any JSON
        super().__init__(self.slug, details)
        self.details = details

    def message(self, language: str = "id") -> str:
        """Say the refusal in `language` ("id" or "en"), its details filled in."""
        template = self.message_en if language == "en" else self.message_id
        return template.format_map(_Shown(self.details, language))

    def problem(self, language: str = "id") -> dict[str, Any]:
        """Give the refusal as an RFC 9457 problem object."""
        public = {name: value for name, value in self.details.items() if name not in _RESERVED}
        return {
            "type": f"/problems/{self.slug}",
            "title": self.slug.replace("-", " ").capitalize(),
            "status": self.status,
            "detail": self.message(language),
            **public,
        }

    def __str__(self) -> str:
        return f"{self.slug}: {self.message('en')}"


_RESERVED = frozenset({"type", "title", "status", "detail"})


class _Shown(dict[str, Any]):
    """Details as a person reads them: rupiah grouped by thousands in the language's way."""

    def __init__(self, details: dict[str, Any], language: str) -> None:
        super().__init__(details)
        self.language = language

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        value = super().__getitem__(name)
        if name.endswith("_idr") and isinstance(value, int):
            return rupiah(value)
        return value


def rupiah(amount_idr: int) -> str:
    """Write whole rupiah the Indonesian way: `rupiah(10000)` is `Rp 10.000`."""
    return "Rp " + f"{amount_idr:,}".replace(",", ".")


class BadInput(Refusal):
    """The request cannot be understood."""

    slug = "bad-input"
    status = 400
    message_id = "Isian tidak terbaca. Periksa kembali lalu kirim ulang."
    message_en = "The input cannot be read. Check it and send it again."


class MalformedJson(BadInput):
    """The body is not JSON, or not an object."""

    slug = "malformed-json"
    message_id = "Isi permintaan bukan JSON yang benar. Perbaiki lalu kirim ulang."
    message_en = "The request body is not valid JSON. Correct it and send it again."


class MalformedId(BadInput):
    """A path or query id is not a UUID."""

    slug = "malformed-id"
    message_id = "Alamat ini tidak benar: «{value}» bukan nomor yang sah. Buka lagi dari daftar."
    message_en = "This address is wrong: “{value}” is not a valid id. Open it again from the list."


class InvalidFields(BadInput):
    """Fields are missing, unknown or out of bounds. `errors` lists `{field, message}`."""

    slug = "invalid-fields"
    message_id = "Ada isian yang perlu diperbaiki: {fields}."
    message_en = "Some fields need correction: {fields}."

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__(errors=errors, fields=", ".join(dict.fromkeys(error["field"] for error in errors)))


class BadCursor(BadInput):
    """The paging cursor was not made by this list."""

    slug = "bad-cursor"
    message_id = "Penanda halaman tidak sah. Mulai lagi dari halaman pertama."
    message_en = "The page cursor is not valid. Start again from the first page."


class IdempotencyKeyMissing(BadInput):
    """Money moves, so the request must carry an `Idempotency-Key`."""

    slug = "idempotency-key-missing"
    message_id = "Permintaan yang menyangkut uang wajib membawa Idempotency-Key."
    message_en = "A request that moves money must carry an Idempotency-Key header."


class IdempotencyKeyMalformed(BadInput):
    """The `Idempotency-Key` cannot be kept. To go on without it would do twice what was to be done once."""

    slug = "idempotency-key-malformed"
    message_id = (
        "Idempotency-Key ini tidak sah. Pakai 1 sampai 255 huruf, angka atau tanda ASCII, misalnya sebuah UUID."
    )
    message_en = "This Idempotency-Key is not valid. Use 1 to 255 printable ASCII characters, such as a UUID."


class NotSignedIn(Refusal):
    """Nobody is signed in, or the token is over."""

    slug = "not-signed-in"
    status = 401
    message_id = "Silakan masuk dulu, lalu ulangi."
    message_en = "Please log in first, then try again."


class NotAllowed(Refusal):
    """Somebody is signed in, but may not do this."""

    slug = "not-allowed"
    status = 403
    message_id = "Akun ini tidak berhak melakukan itu. Hubungi petugas Posyantek bila seharusnya boleh."
    message_en = "This account may not do that. Contact the Posyantek operator if it should."


class NotFound(Refusal):
    """No such object, or not for the caller's eyes."""

    slug = "not-found"
    status = 404
    message_id = "Yang dicari tidak ditemukan. Mungkin sudah dihapus atau alamatnya salah."
    message_en = "Not found. It may have been removed, or the address is wrong."


class Conflict(Refusal):
    """The object's present state does not allow this."""

    slug = "conflict"
    status = 409
    message_id = "Keadaannya sudah berubah. Muat ulang halaman lalu coba lagi."
    message_en = "The state has changed meanwhile. Reload and try again."


class RequestInFlight(Conflict):
    """The same Idempotency-Key is being worked on right now."""

    slug = "request-in-flight"
    message_id = "Permintaan yang sama masih diproses. Tunggu sebentar."
    message_en = "The same request is still being processed. Wait a moment."


class TooLarge(Refusal):
    """The body is larger than the route takes."""

    slug = "too-large"
    status = 413
    message_id = "Kiriman terlalu besar. Kecilkan lalu coba lagi."
    message_en = "The request is too large. Make it smaller and try again."


class Unprocessable(Refusal):
    """Understood, but a rule says no."""

    slug = "unprocessable"
    status = 422
    message_id = "Aturan tidak mengizinkan itu."
    message_en = "A rule does not allow that."


class IdempotencyKeyReused(Unprocessable):
    """The same Idempotency-Key came with another body."""

    slug = "idempotency-key-reused"
    message_id = "Idempotency-Key ini sudah dipakai untuk isian lain. Buat kunci baru."
    message_en = "This Idempotency-Key was used with another body. Make a new key."


class TooMany(Refusal):
    """A limit of rate was passed; `retry_after_s` (seconds) says when to try again."""

    slug = "too-many"
    status = 429
    message_id = "Terlalu sering. Coba lagi dalam {retry_after_s} detik."
    message_en = "Too many attempts. Try again in {retry_after_s} seconds."

    def __init__(self, *, retry_after_s: int, **details: Any) -> None:  # noqa: ANN401
        super().__init__(retry_after_s=retry_after_s, **details)


class Unavailable(Refusal):
    """A part is down or too busy; the same request may be repeated later."""

    slug = "unavailable"
    status = 503
    message_id = "Layanan sedang sibuk atau terputus. Tidak ada yang hilang; coba lagi sebentar."
    message_en = "The service is busy or cut off. Nothing was lost; try again shortly."
