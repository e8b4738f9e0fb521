"""The environment, read once at start, validated, frozen; verbs are given the values they need and never this object.

Every variable carries the prefix `KALE_`. A secret's `repr` is stars.
"""

from datetime import timedelta
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kalecart.terms import HOME_AREA, HOME_ZIPS, GoAhead, Terms

STRIPE_JS = "https://js.stripe.com/v3/"
# Stripe allows 100 and 25, for the whole account.
STRIPE_LIVE_PER_S = 80.0
STRIPE_TEST_PER_S = 20.0


class GroundSettings(BaseSettings):
    """What every process must be told, and all that one is told which neither opens what is sealed nor asks Stripe."""

    model_config = SettingsConfigDict(env_prefix="KALE_", frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: SecretStr
    valkey_url: SecretStr
    demo: bool = False
    kill_orders: Path | None = None  # a folder of orders to die at a step: only a demonstration obeys them
    log_format: Literal["json", "text"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    pool_size_max: int = Field(default=16, ge=1, le=200)
    worker_threads: int = Field(default=64, ge=1, le=512)

    @field_validator("kill_orders")
    @classmethod
    def _only_where_nobody_is_hurt(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is not None and not info.data.get("demo"):
            raise ValueError("kills processes on purpose: only a demonstration may")
        return value


class Settings(GroundSettings):
    """What a process of the shop must be told. Lengths of time are seconds, money is cents."""

    public_url: str = "http://127.0.0.1:8000"
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8000, ge=0, le=65535)

    stripe_secret_key: SecretStr = SecretStr("")
    stripe_publishable_key: str = ""
    stripe_webhook_secret: SecretStr = SecretStr("")
    stripe_api_base: str = ""
    stripe_js_url: str = STRIPE_JS
    # Requests a second to Stripe, of all processes together; 0 is what Stripe allows the key, with room to spare.
    stripe_requests_per_s: float = Field(default=0, ge=0, le=10_000)

    smtp_url: SecretStr = SecretStr("")
    mail_from: str = Field(default="", pattern=r"^[^\x00-\x1f\x7f]*$")

    # Where messages to the shop wait, and the address complaints are written to, where it is not the policy's own. The
    # privacy worker alone reads them.
    inbound_mail_url: SecretStr = SecretStr("")
    complaints_address: str = Field(default="", pattern=r"^([^\x00-\x20\x7f@]+@[^\x00-\x20\x7f@]+)?$")

    master_key_file: Path
    # Who was erased, outside the database: on another disk, and the same file for all processes.
    tombstone_file: Path | None = None
    key_backup_days: float = Field(default=30, gt=0, le=3650)
    pictures_dir: Path = Path("local/shop/pictures")
    # Where schedulers leave marks of the audit trail: no marks where unset.
    anchor_file: Path | None = None

    # Whether staff have to prove more than a password (C8). A demonstration offers it: its passwords are known.
    staff_second_factor: Literal["required", "offered"] = "required"

    unpaid_hours: float = Field(default=24, gt=0, le=14 * 24)
    # From saying no to what delivery needs, until delivery ends (C5).
    delivery_notice_days: int = Field(default=14, ge=1, le=90)

    minimum_order_cents: int = Field(default=2_000, ge=0)
    delivery_fee_cents: int = Field(default=499, ge=0)
    free_delivery_from_cents: int = Field(default=6_000, ge=0)
    tax_rate_basis_points: int = Field(default=975, ge=0, le=10_000)
    go_ahead_after_debits: int = Field(default=3, ge=0)
    go_ahead_total_cents: int = Field(default=15_000, ge=0)
    delivery_area: str = HOME_AREA
    delivery_zips: str = Field(default=",".join(HOME_ZIPS), pattern=r"^\d{3,5}(,\d{3,5})*$")

    @field_validator("public_url", "stripe_api_base", "stripe_js_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"http", "https"}:
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/") if value != STRIPE_JS else value

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, value: SecretStr) -> SecretStr:
        address = urlsplit(value.get_secret_value())
        if value.get_secret_value() and not (address.scheme in {"smtp", "smtps"} and address.hostname):
            raise ValueError("must be smtp://user:password@host:port or smtps://…")
        return value

    @field_validator("inbound_mail_url")
    @classmethod
    def _is_a_mailbox(cls, value: SecretStr) -> SecretStr:
        place = urlsplit(value.get_secret_value())
        served = place.scheme in {"imap", "imaps"} and place.hostname and place.username
        if value.get_secret_value() and not (served or (place.scheme == "file" and place.path.startswith("/"))):
            raise ValueError("must be imaps://user:password@host/INBOX or file:///folder")
        return value

    @model_validator(mode="after")
    def _a_mailbox_has_a_sender(self) -> Self:
        if self.inbound_mail_url.get_secret_value() and "@" not in self.mail_from:
            raise ValueError("mail_from must say who our letters come from, so that those that come back are known")
        return self

    @model_validator(mode="after")
    def _mail_has_a_sender(self) -> Self:
        if self.smtp_url.get_secret_value() and "@" not in self.mail_from:
            raise ValueError("mail_from must say who sends, such as KaleCart <receipts@shop.example>")
        return self

    @property
    def secure(self) -> bool:
        """Whether people reach the shop over HTTPS, so that cookies can carry the `__Host-` prefix."""
        return self.public_url.startswith("https://")

    @property
    def second_factor(self) -> bool:
        """Whether a password alone opens nothing at the console."""
        return self.staff_second_factor == "required"

    @property
    def unpaid(self) -> timedelta:
        """How long an order waits for its customer's payment."""
        return timedelta(hours=self.unpaid_hours)

    @property
    def delivery_notice(self) -> timedelta:
        return timedelta(days=self.delivery_notice_days)

    @property
    def key_backups_last(self) -> timedelta:
        """How long key backups are kept: an erased person is unreadable everywhere no later than this."""
        return timedelta(days=self.key_backup_days)

    @property
    def stripe_pace(self) -> float:
        """Requests a second; 0 for a stand-in, which has no limit."""
        if self.stripe_requests_per_s or self.stripe_api_base:
            return self.stripe_requests_per_s
        live = self.stripe_secret_key.get_secret_value().startswith(("sk_live_", "rk_live_"))
        return STRIPE_LIVE_PER_S if live else STRIPE_TEST_PER_S

    @property
    def terms(self) -> Terms:
        return Terms(
            minimum_order_cents=self.minimum_order_cents,
            delivery_fee_cents=self.delivery_fee_cents,
            free_delivery_from_cents=self.free_delivery_from_cents,
            tax_rate_basis_points=self.tax_rate_basis_points,
            delivery_area=self.delivery_area,
            delivery_zips=tuple(self.delivery_zips.split(",")),
            go_ahead=GoAhead(debits_before_min=self.go_ahead_after_debits, total_cents_max=self.go_ahead_total_cents),
        )


class MigrationSettings(BaseSettings):
    """What `migrate` must be told: the owner's log-in and the passwords the processes will use."""

    model_config = SettingsConfigDict(env_prefix="KALE_", frozen=True, extra="ignore", hide_input_in_errors=True)

    owner_database_url: SecretStr
    web_database_password: SecretStr
    worker_database_password: SecretStr
    privacy_database_password: SecretStr
    analytics_database_password: SecretStr
    scheduler_database_password: SecretStr
    doctor_database_password: SecretStr
    master_key_file: Path
    tombstone_file: Path | None = None
    anchor_file: Path | None = None

    @property
    def passwords(self) -> dict[str, str]:
        """By role."""
        return {
            "kale_web": self.web_database_password.get_secret_value(),
            "kale_worker": self.worker_database_password.get_secret_value(),
            "kale_privacy": self.privacy_database_password.get_secret_value(),
            "kale_analytics": self.analytics_database_password.get_secret_value(),
            "kale_scheduler": self.scheduler_database_password.get_secret_value(),
            "kale_doctor": self.doctor_database_password.get_secret_value(),
        }
