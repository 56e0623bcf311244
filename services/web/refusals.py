"""What keeps a page from doing what was asked: the API's refusal, or a form that is not to be trusted."""

from __future__ import annotations

from shared.errors import Refusal
from shared.http.client import Reply


class ApiRefusal(Refusal):
    """What the API refused, in the visitor's language already."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        body = reply.body if isinstance(reply.body, dict) else {}
        self.problem_status = reply.status
        self.problem_slug = reply.slug or "unknown"
        self.text: str = body.get("detail", "")
        self.fields: dict[str, str] = {error["field"]: error["message"] for error in body.get("errors", [])}
        self.body = body

    def message(self, language: str = "id") -> str:  # noqa: ARG002 -- the API has said it in the visitor's language
        """Give the API's own sentence."""
        return self.text


class ForeignForm(Refusal):
    """A form that another site has sent, or one that no page of ours has made."""

    slug = "foreign-form"
    status = 403
    message_id = "Kiriman ini bukan dari halaman kami, jadi tidak dikerjakan."
    message_en = "This was not sent by a page of ours, so nothing was done."


class StaleForm(Refusal):
    """A form of our own page, but of another session: the visitor has logged out or in since it was opened."""

    slug = "stale-form"
    status = 403
    message_id = "Formulir ini sudah kedaluwarsa. Buka lagi halamannya, lalu kirim ulang."
    message_en = "This form has expired. Open the page again and send it once more."
