"""Makes the secrets of an installation, each in a file of its own; what is there already is kept.

`python deploy/make_secrets.py [folder]`, by default `deploy/secrets`. To change a secret, delete its file and run it again
(README.md says what else a change needs). The folder is closed to everybody but its owner, so the files in it may be
readable: containers read them as users of their own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

HERE = Path(__file__).parent / "secrets"
DATABASE = "postgres:5432/urunbeli"
OWNER = "urunbeli_owner"
BROKER = "rabbitmq:5672/urunbeli"
USER = "urunbeli"


def make_secrets(folder: Path) -> list[str]:
    """Write what is missing; gives the names of the files that were written."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    written: list[str] = []

    def keep(name: str, content: str) -> str:
        path = folder / name
        if not path.exists():
            path.write_text(content, encoding="utf-8")
            path.chmod(0o444)
            written.append(name)
        return path.read_text(encoding="utf-8")

    def follow(name: str, content: str) -> None:
        """Write a file that only says in another form what another one holds."""
        if (folder / name).exists() and (folder / name).read_text(encoding="utf-8") != content:
            (folder / name).unlink()
        keep(name, content)

    keep("app_secret", secrets.token_hex(32))
    private = keep("token_signing_key", _new_key())
    follow("token_public_key", _public_half(private))
    keep("postgres_password", secrets.token_hex(24))
    owner_password = keep("owner_password", secrets.token_hex(24))
    follow("database_url", f"postgresql://{OWNER}:{owner_password}@{DATABASE}")
    rabbitmq_password = keep("rabbitmq_password", secrets.token_hex(24))
    follow("amqp_url", f"amqp://{USER}:{rabbitmq_password}@{BROKER}")
    follow("rabbitmq_user.json", _rabbitmq_user(rabbitmq_password))
    return written


def _new_key() -> str:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _public_half(private_pem: str) -> str:
    public = load_pem_private_key(private_pem.encode(), None).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _rabbitmq_user(password: str) -> str:
    """Give the definition of the one user, whose password RabbitMQ takes as base64(salt + SHA-256(salt + password))."""
    # The salt need not be secret, and drawn from the password it leaves an unchanged file unchanged.
    salt = hashlib.sha256(f"salt of {password}".encode()).digest()[:4]
    hashed = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
    user = {
        "name": USER,
        "password_hash": hashed,
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": [],
        "limits": {},
    }
    return json.dumps({"users": [user]}, indent=2) + "\n"


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    made = make_secrets(chosen)
    sys.stdout.write(f"{chosen}: {', '.join(made) if made else 'everything is there'}\n")
