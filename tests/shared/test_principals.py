"""Tokens, principals, keys and settings."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from shared import auth
from shared.auth import Grant, Policy, Principal, read_token, sign_token
from shared.config import Settings, load_settings
from shared.errors import NotAllowed, NotSignedIn
from shared.ids import new_id
from shared.keys import load_token_keys, public_pem, write_once
from shared.testing.running import eventually, settings_for_tests

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return load_token_keys(settings_for_tests(tmp_path_factory.mktemp("keys")))


def test_token_carries_its_principal(keys):
    who = Principal(
        new_id(), frozenset({Grant("operator", "post", new_id()), Grant("officer", "province", new_id())}), new_id()
    )
    assert read_token(keys.public, sign_token(keys, who, datetime.now(UTC))) == who


async def test_token_that_was_good_is_refused_once_it_has_expired(keys):
    """Verified tokens are remembered; their end is not forgotten."""
    leeway = timedelta(seconds=5)
    token = sign_token(keys, Principal(new_id()), datetime.now(UTC) - leeway, timedelta(seconds=1.5))
    read_token(keys.public, token)

    async def refused() -> bool:
        try:
            read_token(keys.public, token)
        except NotSignedIn:
            return True
        return False

    await eventually(refused, within_s=5)


def test_token_is_good_for_its_own_key_alone(keys, tmp_path):
    other = load_token_keys(Settings(data_dir=tmp_path))
    token = sign_token(keys, Principal(new_id()), datetime.now(UTC))
    read_token(keys.public, token)
    with pytest.raises(NotSignedIn):
        read_token(other.public, token)


@pytest.mark.parametrize(
    "change",
    [
        {"exp": NOW - timedelta(seconds=30)},
        {"aud": "somebody-else"},
        {"iss": "somebody-else"},
        {"sub": "not-an-id"},
        {"roles": [["operator"]]},
        {"roles": None},
        {"act": {"name": "x"}},
    ],
)
def test_token_with_wrong_claims_is_refused(keys, change):
    claims = {
        "iss": "urunbeli",
        "aud": "urunbeli-api",
        "sub": str(new_id()),
        "iat": datetime.now(UTC),
        "exp": datetime.now(UTC) + timedelta(minutes=1),
        "roles": [],
    }
    token = jwt.encode({**claims, **change}, keys.private, algorithm="EdDSA")
    with pytest.raises(NotSignedIn):
        read_token(keys.public, token)


def test_token_signed_by_a_shared_secret_is_refused(keys):
    """The public key must not pass as an HMAC secret (algorithm confusion)."""
    claims = {
        "iss": "urunbeli",
        "aud": "urunbeli-api",
        "sub": str(new_id()),
        "iat": datetime.now(UTC),
        "exp": datetime.now(UTC) + timedelta(minutes=1),
        "roles": [],
    }
    token = jwt.encode(claims, public_pem(keys).replace(b"-----BEGIN PUBLIC KEY-----", b"k" * 40), algorithm="HS256")
    with pytest.raises(NotSignedIn):
        read_token(keys.public, token)


POST = new_id()
OPERATOR = Principal(new_id(), frozenset({Grant("operator", "post", POST)}))
OFFICER = Principal(new_id(), frozenset({Grant("officer", "province", new_id())}))
ASSISTED = Principal(new_id(), frozenset(), new_id())


@pytest.mark.parametrize(
    ("policy", "who", "refusal"),
    [
        (auth.PUBLIC, None, None),
        (auth.SIGNATURE, None, None),
        (auth.SIGNED_IN, None, NotSignedIn),
        (auth.SIGNED_IN, ASSISTED, None),
        (auth.IN_PERSON, ASSISTED, NotAllowed),
        (auth.IN_PERSON, OPERATOR, None),
        (auth.OPERATOR, OPERATOR, None),
        (auth.OPERATOR, OFFICER, None),
        (auth.OPERATOR, ASSISTED, NotAllowed),
        (auth.OPERATOR, Principal(new_id(), OPERATOR.grants, new_id()), NotAllowed),
        (auth.OFFICER, OPERATOR, NotAllowed),
        (auth.SUPPLIER, OPERATOR, NotAllowed),
        (auth.MONEY_CHECKER, OFFICER, None),
    ],
)
def test_policy(policy: Policy, who, refusal):
    if refusal is None:
        policy.check(who)
    else:
        with pytest.raises(refusal):
            policy.check(who)


def test_operating_is_bound_to_the_post():
    assert OPERATOR.operates(POST)
    assert not OPERATOR.operates(new_id())
    assert OFFICER.operates(new_id())


def test_generated_secret_is_private_and_stays(tmp_path):
    one = Settings(data_dir=tmp_path)
    other = Settings(data_dir=tmp_path)
    assert one.secret == other.secret
    assert len(one.secret) >= 32
    assert stat.S_IMODE((tmp_path / "keys" / "app_secret").stat().st_mode) == 0o600
    assert one.derived("a") != one.derived("b")


def test_first_writer_wins(tmp_path):
    assert write_once(tmp_path / "key", b"first") == b"first"
    assert write_once(tmp_path / "key", b"second") == b"first"


def test_settings_come_from_environment_and_secret_files(monkeypatch, tmp_path):
    (tmp_path / "app_secret").write_text("from-a-file-" + "x" * 30)
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("HTTP_PORT", "9999")
    settings = load_settings()
    assert settings.http_port == 9999
    assert settings.secret.startswith(b"from-a-file-")
    assert "from-a-file" not in repr(settings)


def test_foreign_kind_of_key_is_refused(tmp_path):
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (tmp_path / "key.pem").write_bytes(pem)
    with pytest.raises(ValueError, match="Ed25519"):
        load_token_keys(Settings(data_dir=tmp_path, token_public_key_file=tmp_path / "key.pem"))


def test_service_with_the_public_key_alone_verifies_but_cannot_sign(tmp_path, keys):
    (tmp_path / "key.pem").write_bytes(public_pem(keys))
    alone = load_token_keys(Settings(data_dir=tmp_path, token_public_key_file=tmp_path / "key.pem"))
    who = Principal(new_id())
    assert read_token(alone.public, sign_token(keys, who, datetime.now(UTC))) == who
    with pytest.raises(AssertionError):
        sign_token(alone, who, datetime.now(UTC))
