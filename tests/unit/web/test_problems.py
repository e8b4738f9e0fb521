import inspect
from datetime import UTC, datetime, timedelta

import pytest

import web.app  # noqa: F401  # loads every error there is
from kalecart.customers.session import LoginNeeded
from kalecart.errors import KaleCartError, NotYet, Refused, Unavailable
from web.problems import document, headers_of, kinds, name_of, status_of
from web.refusals import Malformed, WrongMethod

NOW = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_a_name_and_a_title_of_its_own(kind: type[KaleCartError]) -> None:
    assert 400 <= status_of(kind) < 600
    assert name_of(kind).replace("-", "").isalpha()
    assert "__doc__" in vars(kind)
    assert inspect.getdoc(kind)
    assert kind.title().endswith(".")


def test_no_two_errors_share_a_name() -> None:
    names = [name_of(kind) for kind in kinds()]

    assert len(names) == len(set(names))


def test_only_the_outside_world_and_nobody_on_purpose_is_a_server_error() -> None:
    server_errors = {kind for kind in kinds() if status_of(kind) >= 500}

    assert all(issubclass(kind, Unavailable) for kind in server_errors)


def test_the_nearest_ancestor_decides() -> None:
    class OddLogin(LoginNeeded):
        """Odd."""

    assert status_of(OddLogin) == 401


def test_a_document_carries_the_facts_and_cannot_be_given_another_status() -> None:
    class Short(Refused):
        """Too short."""

    body = document(Short("Add more.", short_cents=5, status="x"), instance="urn:1")

    assert b'"short_cents":5' in body
    assert b'"status":422' in body


def test_every_wrong_field_is_in_the_document() -> None:
    errors = [{"pointer": "/a", "detail": "No."}, {"header": "H", "detail": "No."}]

    body = document(Malformed(errors), instance="urn:1")

    assert b'"errors":[{"pointer":"/a","detail":"No."},{"header":"H","detail":"No."}]' in body


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (NotYet("Later.", after=NOW + timedelta(seconds=89.2)), {"Retry-After": "90"}),
        (NotYet("Now.", after=NOW - timedelta(days=1)), {"Retry-After": "1"}),
        (Unavailable("Away.", retry_after_s=7), {"Retry-After": "7"}),
        (WrongMethod({"PUT", "GET"}), {"Allow": "GET, PUT"}),
    ],
)
def test_headers_say_when_and_how_to_come_back(error: KaleCartError, headers: dict[str, str]) -> None:
    assert headers_of(error, now=NOW) == headers
