"""Keys of this installation: read from files, or generated into the data folder at the first start."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from shared.config import Settings


def write_once(path: Path, content: bytes) -> bytes:
    """Write a private file (mode 0600) unless it is there; give what it holds. Safe against two starting at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()


def generated_secret(data_dir: Path) -> bytes:
    """Give the application secret that belongs to a data folder."""
    return write_once(data_dir / "keys" / "app_secret", secrets.token_hex(32).encode())


@dataclass(frozen=True, slots=True)
class TokenKeys:
    """The pair that signs and verifies tokens; only identity has the private half."""

    private: Ed25519PrivateKey | None
    public: Ed25519PublicKey


@cache
def load_token_keys(settings: Settings) -> TokenKeys:
    """Read the token keys from the settings' files, or generate a pair in the data folder.

    Raises `ValueError` where a file is not an Ed25519 key in PEM.
    """
    if settings.token_public_key_file is not None:
        public = load_pem_public_key(settings.token_public_key_file.read_bytes())
        private = None
        if settings.token_signing_key_file is not None:
            private = load_pem_private_key(settings.token_signing_key_file.read_bytes(), None)
    else:
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        private = load_pem_private_key(write_once(settings.data_dir / "keys" / "token_ed25519.pem", pem), None)
        public = private.public_key()
    if not isinstance(public, Ed25519PublicKey) or not isinstance(private, Ed25519PrivateKey | None):
        raise ValueError("the token keys must be Ed25519 keys in PEM")
    return TokenKeys(private, public)


def public_pem(keys: TokenKeys) -> bytes:
    """Write the public half as PEM."""
    return keys.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
