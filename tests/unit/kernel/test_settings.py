from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from kalecart.grants import ROLES
from kalecart.settings import STRIPE_JS, MigrationSettings, Settings

SECRET = "correct-horse-battery-staple"


def settings(**but: object) -> Settings:
    given = {
        "database_url": SecretStr(f"postgresql+asyncpg://kale_web:{SECRET}@127.0.0.1/kalecart"),
        "valkey_url": SecretStr(f"redis://:{SECRET}@127.0.0.1/0"),
        "master_key_file": Path("master.key"),
    }
    return Settings(**(given | but))  # ty: ignore[invalid-argument-type]


def test_no_secret_is_in_the_repr_or_the_dump_of_settings() -> None:
    told = settings(stripe_secret_key=SecretStr(SECRET), stripe_webhook_secret=SecretStr(SECRET))

    assert SECRET not in f"{told!r} {told} {told.model_dump()} {told.model_dump_json()}"


def test_no_password_is_in_the_repr_of_what_migrate_is_told() -> None:
    secret = SecretStr(SECRET)
    told = MigrationSettings(
        owner_database_url=secret,
        web_database_password=secret,
        worker_database_password=secret,
        scheduler_database_password=secret,
        privacy_database_password=secret,
        analytics_database_password=secret,
        doctor_database_password=secret,
        master_key_file=Path("master.key"),
    )

    assert SECRET not in f"{told!r} {told}"
    assert set(told.passwords) == set(ROLES)


def test_a_wrong_value_is_refused_by_name_and_not_repeated() -> None:
    """What stands in the wrong variable may be the secret of another."""
    with pytest.raises(ValidationError) as refused:
        settings(public_url=SECRET, pool_size_max=SECRET)

    assert SECRET not in str(refused.value)
    assert {"public_url", "pool_size_max"} == {str(error["loc"][0]) for error in refused.value.errors()}


@pytest.mark.parametrize("field", ["public_url", "stripe_api_base", "stripe_js_url"])
@pytest.mark.parametrize("address", ["ftp://shop.example", "shop.example", "javascript:alert(1)"])
def test_an_address_that_is_not_of_the_web_is_refused(field: str, address: str) -> None:
    with pytest.raises(ValidationError):
        settings(**{field: address})


def test_a_slash_at_the_end_of_an_address_is_no_other_address() -> None:
    assert settings(public_url="https://shop.example/").public_url == "https://shop.example"
    assert settings(stripe_js_url=STRIPE_JS).stripe_js_url == STRIPE_JS


@pytest.mark.parametrize(("address", "secure"), [("https://shop.example", True), ("http://127.0.0.1:8000", False)])
def test_cookies_are_host_bound_where_the_shop_is_reached_over_https(address: str, secure: bool) -> None:
    assert settings(public_url=address).secure is secure


@pytest.mark.parametrize(
    "but",
    [
        {"smtp_url": SecretStr("mail.shop.example:25"), "mail_from": "receipts@shop.example"},
        {"smtp_url": SecretStr("smtp://"), "mail_from": "receipts@shop.example"},
        {"smtp_url": SecretStr(f"smtp://ana:{SECRET}@mail.shop.example")},
        {"mail_from": "KaleCart <receipts@shop.example>\r\nBcc: eve@example.com"},
    ],
    ids=["no scheme", "no host", "no sender", "a line break"],
)
def test_a_mail_server_that_could_not_work_stops_the_start(but: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**but)

    assert SECRET not in str(refused.value)


def test_a_mail_server_needs_an_address_and_a_sender_and_hides_its_password() -> None:
    url = SecretStr(f"smtps://ana:{SECRET}@mail.shop.example:465")
    told = settings(smtp_url=url, mail_from="KaleCart <receipts@shop.example>")

    assert told.smtp_url.get_secret_value() == url.get_secret_value()
    assert SECRET not in f"{told!r} {told.model_dump()}"


@pytest.mark.parametrize(
    "but",
    [
        {"inbound_mail_url": SecretStr("file://inbound"), "mail_from": "receipts@shop.example"},
        {"inbound_mail_url": SecretStr(f"imaps://:{SECRET}@mail.shop.example"), "mail_from": "receipts@shop.example"},
        {"inbound_mail_url": SecretStr(f"pop://ana:{SECRET}@mail.shop.example"), "mail_from": "receipts@shop.example"},
        {"inbound_mail_url": SecretStr(f"imaps://ana:{SECRET}@mail.shop.example/INBOX")},
        {"complaints_address": "whoever reads it"},
    ],
    ids=["no whole path", "nobody to log in", "another protocol", "no sender", "no address"],
)
def test_a_mailbox_that_could_not_be_read_stops_the_start(but: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**but)

    assert SECRET not in str(refused.value)


def test_settings_cannot_be_changed_after_the_start() -> None:
    with pytest.raises(ValidationError):
        settings().web_port = 1  # ty: ignore[invalid-assignment]


@pytest.mark.parametrize(
    "but",
    [
        {"web_port": 70_000},
        {"pool_size_max": 0},
        {"minimum_order_cents": -1},
        {"tax_rate_basis_points": 10_001},
        {"delivery_zips": "90001,all of them"},
        {"log_level": "chatty"},
    ],
)
def test_a_value_out_of_bounds_stops_the_start(but: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(**but)


def test_the_terms_are_what_the_owner_set() -> None:
    terms = settings(minimum_order_cents=1_500, tax_rate_basis_points=1_000, delivery_zips="900,901").terms

    assert (terms.minimum_order_cents, terms.tax_rate_basis_points, terms.delivery_zips) == (
        1_500,
        1_000,
        ("900", "901"),
    )


def test_only_a_demonstration_obeys_orders_to_die() -> None:
    assert settings(demo=True, kill_orders="/orders").kill_orders == Path("/orders")
    with pytest.raises(ValidationError):
        settings(kill_orders="/orders")
