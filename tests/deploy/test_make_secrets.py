"""The secrets of an installation: complete, kept, and readable by containers but not by other users of the machine."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
import subprocess
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from tests.deploy.composed import ROOT, config


def run(folder):
    done = subprocess.run(
        [sys.executable, "deploy/make_secrets.py", str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {path.name: path.read_text() for path in folder.iterdir()}, done.stdout


def test_what_is_there_is_kept_and_what_follows_from_a_changed_one_is_made_anew(tmp_path):
    folder = tmp_path / "secrets"
    first, _ = run(folder)
    again, said = run(folder)
    assert again == first
    assert "everything is there" in said
    (folder / "rabbitmq_password").unlink()
    rotated, _ = run(folder)
    assert {name for name in first if rotated[name] != first[name]} == {
        "rabbitmq_password", "amqp_url", "rabbitmq_user.json",
    }  # fmt: skip
    assert rotated["rabbitmq_password"] in rotated["amqp_url"]


def test_only_the_owner_may_enter_the_folder_and_no_file_can_be_written(tmp_path):
    folder = tmp_path / "secrets"
    run(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}


def test_every_secret_that_compose_asks_for_is_made(tmp_path):
    made, _ = run(tmp_path / "secrets")
    asked = {secret["file"].rpartition("/")[2] for secret in config()["secrets"].values()}
    assert asked <= set(made)
    assert set(made) - asked == {"rabbitmq_password"}


def test_keys_are_a_pair_and_long_enough(tmp_path):
    made, _ = run(tmp_path / "secrets")
    private = load_pem_private_key(made["token_signing_key"].encode(), None)
    assert isinstance(private, Ed25519PrivateKey)
    assert load_pem_public_key(made["token_public_key"].encode()) == private.public_key()
    assert len(made["app_secret"]) >= 32


def test_rabbitmqs_hash_is_of_the_password_in_the_url(tmp_path):
    made, _ = run(tmp_path / "secrets")
    user = json.loads(made["rabbitmq_user.json"])["users"][0]
    hashed = base64.b64decode(user["password_hash"])
    password = made["amqp_url"].split(":")[2].partition("@")[0]
    assert hashed[4:] == hashlib.sha256(hashed[:4] + password.encode()).digest()
    assert password not in made["rabbitmq_user.json"]
