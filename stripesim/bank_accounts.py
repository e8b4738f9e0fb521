"""The bank accounts Stripe publishes for testing, and what a debit of each is documented to come to.

Published and not known here: 000000004954 (blocked by Radar), 000777777771 (weekly limit) and 000888888885 (tokenized
number), because what exactly they answer is not published. They are refused like any number that is no test account.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from stripesim.errors import InvalidParameters
from stripesim.forms import Form

KIND = "us_bank_account"
ROUTING_NUMBER = "110000000"
HOLDERS, TYPES = ("company", "individual"), ("checking", "savings")


class Outcome(StrEnum):
    """What becomes of a debit, some time after it was asked for."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DISPUTED = "disputed"  # succeeded first
    NONE = "none"  # stays in processing until it is cancelled


@dataclass(frozen=True, kw_only=True)
class Return:
    """Why a bank sends a debit back. `blocks` is the reason for which Stripe then blocks the payment method."""

    code: str
    message: str
    network_code: str
    blocks: str | None = None


@dataclass(frozen=True, kw_only=True)
class TestAccount:
    number: str
    id: str
    outcome: Outcome = Outcome.SUCCEEDED
    returned: Return | None = None
    takes_deposits: bool = True


CLOSED = Return(
    code="account_closed",
    message="The customer's bank account has been closed.",
    network_code="R02",
    blocks="bank_account_closed",
)
NO_ACCOUNT = Return(
    code="no_account",
    message="The customer's bank account could not be located.",
    network_code="R03",
    blocks="bank_account_invalid_details",
)
INSUFFICIENT = Return(
    code="insufficient_funds",
    message="The customer's account has insufficient funds to cover this payment.",
    network_code="R01",
)
NOT_AUTHORIZED = Return(
    code="debit_not_authorized",
    message="The customer has told the bank that this debit was not authorized.",
    network_code="R10",
    blocks="debit_not_authorized",
)
# The code is the one published for payouts to the same number; for debits none is.
CURRENCY = Return(
    code="invalid_currency", message="The bank could not process this debit in its currency.", network_code="R16"
)

_failing = partial(TestAccount, outcome=Outcome.FAILED)
ACCOUNTS: tuple[TestAccount, ...] = (
    TestAccount(number="000123456789", id="pm_usBankAccount_success"),
    _failing(number="000111111113", id="pm_usBankAccount_accountClosed", returned=CLOSED),
    _failing(number="000111111116", id="pm_usBankAccount_noAccount", returned=NO_ACCOUNT),
    _failing(number="000222222227", id="pm_usBankAccount_insufficientFunds", returned=INSUFFICIENT),
    _failing(number="000333333335", id="pm_usBankAccount_debitNotAuthorized", returned=NOT_AUTHORIZED),
    _failing(number="000444444440", id="pm_usBankAccount_invalidCurrency", returned=CURRENCY),
    TestAccount(number="000666666661", id="pm_usBankAccount_failMicrodeposits", takes_deposits=False),
    TestAccount(number="000555555559", id="pm_usBankAccount_dispute", outcome=Outcome.DISPUTED),
    TestAccount(number="000000000009", id="pm_usBankAccount_processing", outcome=Outcome.NONE),
)
BY_NUMBER: Mapping[str, TestAccount] = {account.number: account for account in ACCOUNTS}
BY_ID: Mapping[str, TestAccount] = {account.id: account for account in ACCOUNTS}
RETURNS: Mapping[str, Return] = {account.returned.code: account.returned for account in ACCOUNTS if account.returned}


def given(form: Form) -> tuple[TestAccount, str, str]:
    """The test account that was typed, whose it is and of which type; or what is wrong with it."""
    form.allow(("account_holder_type", "account_number", "account_type", "routing_number"))
    number, routing = form.required("account_number"), form.required("routing_number")
    if routing != ROUTING_NUMBER:
        message = f"The routing number is not valid. In test mode it is {ROUTING_NUMBER}."
        raise InvalidParameters(message, code="routing_number_invalid", param=form.param("routing_number"))
    if number not in BY_NUMBER:
        message = "The account number is not valid. In test mode use one of the published ones, such as 000123456789."
        raise InvalidParameters(message, code="account_number_invalid", param=form.param("account_number"))
    holder = form.choice("account_holder_type", HOLDERS) or "individual"
    return BY_NUMBER[number], holder, form.choice("account_type", TYPES) or "checking"


def face(account: TestAccount, holder: str, kind: str, *, link: str | None) -> dict[str, Any]:
    """What anybody may know of the account. `link` names the bank's own confirmation that it is the customer's."""
    return {
        "account_holder_type": holder,
        "account_type": kind,
        "bank_name": "STAND-IN TEST BANK",
        "financial_connections_account": link,
        "fingerprint": hashlib.sha256(account.number.encode()).hexdigest()[:16],
        "last4": account.number[-4:],
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": ROUTING_NUMBER,
        "status_details": {},
    }
