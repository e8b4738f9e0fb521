from pathlib import Path

import pytest

from local.environment import environment, environment_of, mail_of, stripe_of
from local.program import CannotStart
from local.secrets import PROCESS_ROLES, Secrets, open_secrets

PORTS = {"web": 8000, "postgres": 5001, "valkey": 5002, "stripesim": 5003}


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return open_secrets(tmp_path / "secrets", data_exists=False)


@pytest.mark.parametrize("role", PROCESS_ROLES)
def test_each_process_logs_in_as_itself_and_knows_no_other_password(secrets: Secrets, role: str):
    told = environment(secrets, PORTS, role, stripe={})

    assert told["KALE_DATABASE_URL"] == (
        f"postgresql+asyncpg://kale_{role}:{secrets.password(role)}@127.0.0.1:5001/kalecart"
    )
    others = [secrets.password(other) for other in (*PROCESS_ROLES, "owner") if other != role]
    assert not any(password in value for password in others for value in told.values())


def test_only_the_owner_is_told_the_passwords_to_give_away(secrets: Secrets):
    told = environment(secrets, PORTS, "owner", stripe={})

    assert told["KALE_OWNER_DATABASE_URL"] == told["KALE_DATABASE_URL"]
    assert {told[f"KALE_{role.upper()}_DATABASE_PASSWORD"] for role in PROCESS_ROLES} == {
        secrets.password(role) for role in PROCESS_ROLES
    }


def test_nothing_of_the_caller_is_inherited_but_three_names(secrets: Secrets):
    told = environment(secrets, PORTS, "web", stripe={})

    plain = {name for name in told if not name.startswith("KALE_")}
    assert plain <= {"PATH", "LANG", "HOME", "PYTHONUNBUFFERED", "MALLOC_ARENA_MAX"}


def test_without_keys_the_stand_in_is_used(secrets: Secrets):
    told = environment(secrets, PORTS, "worker", stripe={})

    assert told["KALE_STRIPE_API_BASE"] == "http://127.0.0.1:5003"
    assert told["KALE_STRIPE_SECRET_KEY"].startswith("sk_test_kalecart")


def test_with_test_keys_stripe_itself_is_used(secrets: Secrets):
    keys = {
        "KALE_STRIPE_SECRET_KEY": "sk_test_1",
        "KALE_STRIPE_PUBLISHABLE_KEY": "pk_test_1",
        "KALE_STRIPE_WEBHOOK_SECRET": "whsec_1",
    }

    told = environment(secrets, PORTS, "worker", stripe=stripe_of(keys | {"OTHER": "1"}))

    assert "KALE_STRIPE_API_BASE" not in told
    assert told.items() >= keys.items()


def test_half_a_set_of_keys_is_refused_naming_the_rest():
    with pytest.raises(CannotStart, match="KALE_STRIPE_PUBLISHABLE_KEY and KALE_STRIPE_WEBHOOK_SECRET"):
        stripe_of({"KALE_STRIPE_SECRET_KEY": "sk_test_1"})


def test_a_demonstration_never_takes_live_keys():
    keys = dict.fromkeys(
        ("KALE_STRIPE_SECRET_KEY", "KALE_STRIPE_PUBLISHABLE_KEY", "KALE_STRIPE_WEBHOOK_SECRET"), "sk_live_1"
    )

    with pytest.raises(CannotStart, match="test keys only"):
        stripe_of(keys)


def test_a_folder_without_a_shop_is_one_sentence(tmp_path: Path):
    with pytest.raises(CannotStart, match=r"there is no shop in .*; ./kale up makes one"):
        environment_of(tmp_path / "nowhere", "web")


def test_an_unknown_role_is_a_bug(secrets: Secrets):
    with pytest.raises(ValueError, match="guest"):
        environment(secrets, PORTS, "guest", stripe={})


def test_only_the_worker_that_reads_it_is_told_of_the_mailbox(secrets: Secrets):
    told = environment(secrets, PORTS, "privacy", stripe={})

    assert told["KALE_INBOUND_MAIL_URL"].startswith("file:///")
    assert told["KALE_INBOUND_MAIL_URL"].endswith("/inbound")
    assert "@" in told["KALE_MAIL_FROM"]
    for role in ("web", "worker", "analytics", "scheduler"):
        assert "KALE_INBOUND_MAIL_URL" not in environment(secrets, PORTS, role, stripe={})


def test_who_sends_and_who_says_so_know_the_mail_server(secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KALE_SMTP_URL", "smtp://127.0.0.1:25")
    monkeypatch.setenv("KALE_MAIL_FROM", "KaleCart <shop@shop.example>")
    roles = ("web", "worker", "privacy", "analytics", "scheduler")

    knowing = {role for role in roles if "KALE_SMTP_URL" in environment(secrets, PORTS, role, stripe={})}

    assert knowing == {"web", "worker"}


def test_a_mail_server_is_handed_on_with_who_its_letters_are_from():
    mail = {"KALE_SMTP_URL": "smtp://127.0.0.1:25", "KALE_MAIL_FROM": "KaleCart <shop@shop.example>"}

    assert mail_of(mail | {"OTHER": "1"}) == mail
    assert mail_of({"OTHER": "1"}) == {}
    for name, value in mail.items():
        with pytest.raises(CannotStart, match="also needs"):
            mail_of({name: value})
