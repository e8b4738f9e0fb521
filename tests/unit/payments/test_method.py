"""What a saved card or bank account says about itself."""

from datetime import date
from typing import Any

import pytest

from kalecart.errors import Invalid
from kalecart.ids import PaymentMethodId, new_id
from kalecart.payments.bank_account import Proof
from kalecart.payments.decline import decline_words
from kalecart.payments.method import Expiry, PaymentMethodView, expires_on

CARD = {"brand": "visa", "funding": "credit", "last4": "4242", "expires": "11/2026"}
BANK = {"kind": "bank", "brand": None, "funding": None, "last4": "6789", "expires": None, "bank": "First Bank"}


def a_method(**given: Any) -> PaymentMethodView:
    return PaymentMethodView(id=PaymentMethodId(new_id()), **given)


@pytest.mark.parametrize(
    ("expires", "last_day"),
    [("02/2028", date(2028, 2, 29)), ("12/2026", date(2026, 12, 31)), ("13/2026", None), ("00/0", None), (None, None)],
)
def test_a_card_is_good_until_the_last_day_of_its_month(expires: str | None, last_day: date | None) -> None:
    assert expires_on(expires) == last_day


@pytest.mark.parametrize(
    ("today", "expiry"),
    [
        (date(2026, 10, 29), None),
        (date(2026, 10, 30), Expiry.SOON),
        (date(2026, 11, 30), Expiry.SOON),
        (date(2026, 12, 1), Expiry.EXPIRED),
    ],
)
def test_a_card_says_a_month_ahead_that_it_expires(today: date, expiry: Expiry | None) -> None:
    card = a_method(**CARD)

    assert card.expiry(today) is expiry
    assert (card.heed(today) is None) == (expiry is None)
    assert card.usable


def test_a_bank_account_is_usable_once_it_is_confirmed_and_not_barred() -> None:
    found = {
        (verified, barred): a_method(**BANK, verified=verified, barred=barred)
        for verified in (True, False)
        for barred in (True, False)
    }

    assert [key for key, account in found.items() if account.usable] == [(True, False)]
    assert [key for key, account in found.items() if account.heed(date(2026, 11, 1)) is None] == [(True, False)]
    assert found[True, False].label == "First Bank account ending 6789"


def test_a_bank_that_sends_a_debit_back_is_not_called_a_card() -> None:
    words = {decline_words(code, kind="bank") for code in ("insufficient_funds", "no_account", "unheard_of", None)}

    assert not any("card" in sentence for sentence in words)


@pytest.mark.parametrize(
    ("typed", "proof"),
    [
        ("sm11aa ", Proof(code="SM11AA")),
        ("32 45", Proof(amounts=(32, 45))),
        ("0.32 and 0.45", Proof(amounts=(32, 45))),
        ("$0.32, $0.45", Proof(amounts=(32, 45))),
        (".32/.45", Proof(amounts=(32, 45))),
    ],
)
def test_a_deposit_is_read_as_people_write_it(typed: str, proof: Proof) -> None:
    assert Proof.parse(typed) == proof


@pytest.mark.parametrize("typed", ["", "SM1", "12", "1 2 3", "words", "000123456789"])
def test_what_is_no_deposit_is_asked_for_again(typed: str) -> None:
    with pytest.raises(Invalid):
        Proof.parse(typed)
