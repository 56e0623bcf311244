"""What the API of identity takes and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StrictBool

from services.identity.domain.codes import Language
from services.identity.domain.consents import Purpose
from services.identity.resources import Channel
from shared.contracts.identity import Role, ScopeKind
from shared.http.fields import Body, Ids, Line, View
from shared.http.paging import PageQuery


def _without_gaps(value: object) -> object:
    """People copy a code as `123 456`."""
    return "".join(value.split()).replace("-", "") if isinstance(value, str) else value


Code = Annotated[str, BeforeValidator(_without_gaps), Field(pattern="^[0-9]{6}$", description="Six digits")]


class CodeRequest(Body):
    """Where to send a log-in code."""

    to: Line = Field(description="A phone number or an e-mail address")
    language: Language = "id"
    post_id: UUID | None = Field(None, description="The post through whose page the person came")


class ChallengeView(View):
    """A code is on its way. The same answer whether or not there is such an account."""

    challenge_id: UUID
    channel: Channel
    expires_at: datetime


class LogIn(Body):
    """A code; and name and consent where the contact is new here."""

    challenge_id: UUID
    code: Code
    name: Line | None = None
    consent: StrictBool = False


class SessionView(View):
    """Somebody is logged in. The token is told this once."""

    session_token: str
    account_id: UUID
    name: str
    new: bool


class TokenView(View):
    """A signed token for the other services."""

    token: str
    expires_at: datetime
    account_id: UUID


class SessionItem(View):
    """A device that is logged in."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class GrantView(View):
    """A role over a scope."""

    role: Role
    scope_kind: ScopeKind
    scope_id: UUID


class GrantBody(Body):
    """A role over a scope."""

    role: Role
    scope_kind: ScopeKind
    scope_id: UUID


class Me(View):
    """The caller's own account. Through an operator's assistance it has no roles."""

    id: UUID
    name: str
    phone: str | None
    email: str | None
    language: Language
    grants: list[GrantView]
    assisted_by: UUID | None


class ChangeMe(Body):
    """What to change. A new `email` is sent a code first; `challenge_id` and `code` then make it the account's."""

    name: Line | None = None
    language: Language | None = None
    email: Line | None = Field(None, description="A new address; null takes the present one away")
    challenge_id: UUID | None = None
    code: Code | None = None


class ChangedMe(Me):
    """The account after the change, and the code that a new e-mail address waits for."""

    email_challenge: ChallengeView | None = None


class ConsentItem(View):
    """Something that was agreed to, in its words, and who wrote that down."""

    id: UUID
    purpose: Purpose
    text_version: int
    text: str
    recorded_by: UUID
    at: datetime


class OfferHelp(Body):
    """Whom an operator would help, at which post, and that the person agrees."""

    post_id: UUID
    name: Line
    phone: Line
    consent: Literal[True]


class OfferedView(View):
    """The person has been sent a code, by which they accept the help."""

    account_id: UUID
    challenge_id: UUID


class BeginHelp(Body):
    """The code that the person gave to the operator."""

    challenge_id: UUID
    code: Code


class AssistanceView(View):
    """A token that acts for the person, and says who holds it."""

    token: str
    account_id: UUID
    name: str
    expires_at: datetime


class NameView(View):
    """Whose account this is."""

    id: UUID
    name: str


class NamesQuery(Body):
    """Whose names: up to 100 accounts."""

    ids: Ids = Field(description="Their ids, with commas between")


class Names(View):
    """Whose accounts these are, in no order."""

    items: list[NameView]


class SearchQuery(Body):
    """The whole phone number of whoever is looked for."""

    phone: Line


class FoundItem(View):
    """An account with that number."""

    id: UUID
    name: str
    phone_masked: str


class Found(View):
    """At most one account."""

    items: list[FoundItem]


class Jwk(View):
    """A public key (RFC 8037)."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    use: Literal["sig"] = "sig"
    alg: Literal["EdDSA"] = "EdDSA"
    kid: str
    x: str


class Jwks(View):
    """The keys that verify our tokens (RFC 7517)."""

    keys: list[Jwk]


class DevMessagesQuery(Body):
    """To whom; everybody if left out."""

    to: Line | None = None


class DevMessageItem(View):
    """A message as the person gets it."""

    challenge_id: UUID
    to: str
    text: str
    code: str
    at: datetime


class DevMessages(View):
    """The newest messages first."""

    items: list[DevMessageItem]


class ListQuery(PageQuery):
    """A page of a list."""
