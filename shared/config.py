"""Settings, read from the environment; the README lists them all."""

from __future__ import annotations

import hashlib
import hmac
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything that may differ between one installation and another.

    A setting can also come from a file of the same lower-case name in `SECRETS_DIR` (Docker and Kubernetes secrets).
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    environment: Literal["development", "production"] = Field(
        "production", description="development adds the message box for codes, demo data and short deadlines"
    )
    data_dir: Path = Field(Path(".data"), description="Where the embedded PostgreSQL, keys and simulator state live")
    database_url: SecretStr | None = Field(
        None, description="Owner's URL of a PostgreSQL database; empty starts the embedded one"
    )
    amqp_url: SecretStr | None = Field(None, description="RabbitMQ URL; empty uses the bus inside PostgreSQL")
    app_secret: SecretStr | None = Field(
        None,
        description="At least 32 random characters; roles' passwords are derived from it. Generated in DATA_DIR if empty",
    )
    token_signing_key_file: Path | None = Field(
        None, description="Ed25519 private key (PEM) of identity. Generated in DATA_DIR if empty"
    )
    token_public_key_file: Path | None = Field(
        None, description="Its public key (PEM), for every other service. Generated in DATA_DIR if empty"
    )
    http_host: str = Field("127.0.0.1", description="Address to listen on")
    http_port: int = Field(8080, ge=0, le=65535, description="Port to listen on")
    lan: bool = Field(
        False,
        description="Also serve this network over TLS, from a certificate authority made in DATA_DIR: for phones to try",
    )
    lan_port: int = Field(
        8443, ge=1, le=65534, description="Port of LAN; the one above it tells phones how to trust the certificate"
    )
    public_url: str = Field(
        "", description="What people type, for links in messages; http://localhost:HTTP_PORT if empty"
    )
    api_url: str | None = Field(None, description="Where web finds the API; empty means this process")
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="How many reverse proxies stand before us (X-Forwarded-For)"
    )
    db_pool_size: int = Field(8, ge=1, le=100, description="Connections of one service in one process")
    db_command_timeout_s: float = Field(10, gt=0, description="Seconds a statement may take")
    db_acquire_timeout_s: float = Field(5, gt=0, description="Seconds a request may wait for a connection")
    db_connect_timeout_s: float = Field(5, gt=0, description="Seconds connecting may take")
    stripe_secret_key: SecretStr | None = Field(
        None, description="Stripe key; without one, development uses the simulator and production offers no cards"
    )
    stripe_webhook_secret: SecretStr | None = Field(None, description="Secret that signs Stripe's webhooks")
    stripe_api_url: str | None = Field(None, description="Other address of the Stripe API, for the simulator")
    smtp_url: SecretStr | None = Field(
        None,
        description="smtp://user:password@host:587 (STARTTLS; ?starttls=no for mail catchers) or smtps://host:465; "
        "empty sends none",
    )
    mail_from: str = Field("urunbeli <no-reply@localhost>", description="Sender of e-mail")
    whatsapp_token: SecretStr | None = Field(None, description="WhatsApp Cloud API token; empty sends none")
    whatsapp_phone_id: str | None = Field(None, description="WhatsApp Cloud API phone number id")
    photos_bucket: str | None = Field(
        None, description="Bucket for photos in a store that speaks S3; empty keeps them in DATA_DIR/photos"
    )
    photos_endpoint: str | None = Field(
        None, description="https:// address of that store; empty means Amazon's in PHOTOS_REGION"
    )
    photos_region: str = Field("ap-southeast-3", description="Its region; the default is Jakarta")
    photos_access_key_id: str | None = Field(None, description="Name of the key that opens the bucket")
    photos_secret_key: SecretStr | None = Field(
        None, description="The key itself; empty uses the machine's own rights, where the provider gives it some"
    )
    first_officer: str | None = Field(
        None,
        description="`Name <+62…>`: the first province officer, made at the start if missing; all others are appointed",
    )
    code_limit_factor: int = Field(
        1,
        ge=1,
        le=1000,
        description="Multiplies the limits of log-in codes; on a demo machine one person logs in often",
    )
    pool_min_open_s: int = Field(3600, ge=1, description="Seconds a pool must stay open at least")
    securing_grace_s: int = Field(1800, ge=1, description="Seconds an open payment may still finish after closing")
    supplier_answer_s: int = Field(3 * 86400, ge=1, description="Seconds a supplier has to answer an order")
    payment_window_s: int = Field(72 * 3600, ge=1, description="Seconds members have to pay after acceptance")
    pages_kept_s: float = Field(
        1,
        ge=0,
        le=60,
        description="Seconds for which visitors who are not logged in share one drawing of a page; 0: none",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged")
    log_format: Literal["json", "console"] = Field("json", description="One JSON object a line, or for eyes")

    @model_validator(mode="before")
    @classmethod
    def _empty_means_unset(cls, given: dict[str, object]) -> dict[str, object]:
        """An empty value, as compose files give for what is not set, is none. The address defaults to this machine's."""
        given = {name: value for name, value in given.items() if value != ""}
        return {"public_url": f"http://localhost:{given.get('http_port', 8080)}", **given}

    @property
    def development(self) -> bool:
        """Whether this is a developer's or a demo machine."""
        return self.environment == "development"

    @cached_property
    def secret(self) -> bytes:
        """The application secret; generated once into `DATA_DIR` where none is set."""
        if self.app_secret is not None:
            return self.app_secret.get_secret_value().encode()
        from shared.keys import generated_secret

        return generated_secret(self.data_dir)

    def derived(self, purpose: str) -> str:
        """Derive a password or key for one purpose from the application secret (HMAC-SHA256, hexadecimal)."""
        return hmac.new(self.secret, purpose.encode(), hashlib.sha256).hexdigest()


def load_settings() -> Settings:
    """Read the settings from the environment, and from the files of `SECRETS_DIR` if that is set."""
    import os

    folder = os.environ.get("SECRETS_DIR")
    return Settings(_secrets_dir=folder) if folder else Settings()
