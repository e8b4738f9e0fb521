"""The cards Stripe publishes for testing, and how each of them is documented to behave."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from stripesim.errors import ApiError

EXPIRY_YEARS_MAX = 50
CENTURY, YEARS_OF_CENTURY, MONTHS = 2000, 100, 12
NUMBER_LENGTH_MIN, NUMBER_LENGTH_MAX = 12, 19


@dataclass(frozen=True, kw_only=True)
class Decline:
    """Why a bank refuses: the error's code, its decline code, and what a person is told."""

    code: str
    decline_code: str
    message: str
    advice: str | None = None
    blocked: bool = False


def _declined(decline_code: str, message: str = "Your card was declined.", **more: str | bool) -> Decline:
    advice, blocked = more.get("advice"), bool(more.get("blocked"))
    advice = advice if isinstance(advice, str) else None
    return Decline(code="card_declined", decline_code=decline_code, message=message, advice=advice, blocked=blocked)


GENERIC = _declined("generic_decline", advice="try_again_later")
INSUFFICIENT = _declined("insufficient_funds", "Your card has insufficient funds.", advice="try_again_later")
LOST = _declined("lost_card", advice="do_not_try_again")
STOLEN = _declined("stolen_card", advice="do_not_try_again")
VELOCITY = _declined("card_velocity_exceeded", "Your card was declined for making repeated attempts too often.")
FRAUD = _declined("fraudulent", blocked=True)
EXPIRED = Decline(code="expired_card", decline_code="expired_card", message="Your card has expired.")
CVC = Decline(code="incorrect_cvc", decline_code="incorrect_cvc", message="Your card's security code is incorrect.")
PROCESSING = Decline(
    code="processing_error",
    decline_code="processing_error",
    message="An error occurred while processing your card. Try again in a little bit.",
    advice="try_again_later",
)
AUTHENTICATION = Decline(
    code="authentication_required",
    decline_code="authentication_required",
    message="Your card was declined. This transaction requires authentication.",
)


@dataclass(frozen=True, kw_only=True)
class Disputing:
    """What the owner tells the bank after the charge. An inquiry only asks, and moves no money."""

    reason: str
    inquiry: bool = False


@dataclass(frozen=True, kw_only=True)
class TestCard:
    """A published number, the ids it is published under, and its behaviour.

    `declines` refuses attaching and charging alike; `declines_charge` only charging. `authenticates` is "always", or
    "unless_set_up" for a card that needs it off session only until it was set up. `refunds` is what a refund comes to;
    `disputes`, what the owner says of a charge.
    """

    number: str
    ids: tuple[str, ...] = ()
    brand: str
    funding: str = "credit"
    declines: Decline | None = None
    declines_charge: Decline | None = None
    authenticates: str | None = None
    refunds: str = "succeed"
    disputes: Disputing | None = None
    risk: str = "normal"


_visa = partial(TestCard, brand="visa")

CARDS: tuple[TestCard, ...] = (
    _visa(number="4242424242424242", ids=("pm_card_visa", "pm_card_us")),
    _visa(number="4000056655665556", ids=("pm_card_visa_debit",), funding="debit"),
    TestCard(number="5555555555554444", ids=("pm_card_mastercard",), brand="mastercard"),
    TestCard(number="2223003122003222", brand="mastercard"),
    TestCard(number="5200828282828210", ids=("pm_card_mastercard_debit",), brand="mastercard", funding="debit"),
    TestCard(number="5105105105105100", ids=("pm_card_mastercard_prepaid",), brand="mastercard", funding="prepaid"),
    TestCard(number="378282246310005", ids=("pm_card_amex",), brand="amex"),
    TestCard(number="371449635398431", brand="amex"),
    TestCard(number="6011111111111117", ids=("pm_card_discover",), brand="discover"),
    TestCard(number="6011000990139424", brand="discover"),
    TestCard(number="6011981111111113", brand="discover", funding="debit"),
    TestCard(number="3056930009020004", ids=("pm_card_diners",), brand="diners"),
    TestCard(number="30569309025904", brand="diners"),
    TestCard(number="36227206271667", brand="diners"),
    TestCard(number="3566002020360505", ids=("pm_card_jcb",), brand="jcb"),
    TestCard(number="6200000000000005", ids=("pm_card_unionpay",), brand="unionpay"),
    TestCard(number="6200000000000047", brand="unionpay", funding="debit"),
    TestCard(number="6205500000000000004", brand="unionpay"),
    _visa(number="4000000000000002", ids=("pm_card_chargeDeclined",), declines=GENERIC),
    _visa(number="4000000000009995", ids=("pm_card_chargeDeclinedInsufficientFunds",), declines=INSUFFICIENT),
    _visa(number="4000000000009987", ids=("pm_card_chargeDeclinedLostCard",), declines=LOST),
    _visa(number="4000000000009979", ids=("pm_card_chargeDeclinedStolenCard",), declines=STOLEN),
    _visa(number="4000000000000069", ids=("pm_card_chargeDeclinedExpiredCard",), declines=EXPIRED),
    _visa(number="4000000000000127", ids=("pm_card_chargeDeclinedIncorrectCvc",), declines=CVC),
    _visa(number="4000000000000119", ids=("pm_card_chargeDeclinedProcessingError",), declines=PROCESSING),
    _visa(number="4000000000006975", ids=("pm_card_chargeDeclinedVelocityLimitExceeded",), declines=VELOCITY),
    _visa(number="4100000000000019", ids=("pm_card_radarBlock",), declines=FRAUD, risk="highest"),
    _visa(number="4000000000000341", ids=("pm_card_chargeCustomerFail",), declines_charge=GENERIC),
    _visa(number="4000002760003184", ids=("pm_card_authenticationRequired",), authenticates="always"),
    _visa(number="4000002500003155", ids=("pm_card_authenticationRequiredOnSetup",), authenticates="unless_set_up"),
    _visa(number="4000000000003220", ids=("pm_card_threeDSecure2Required",), authenticates="always"),
    _visa(
        number="4000008400001629",
        ids=("pm_card_threeDSecureRequiredChargeDeclined",),
        authenticates="always",
        declines_charge=GENERIC,
    ),
    _visa(number="4000000000000259", ids=("pm_card_createDispute",), disputes=Disputing(reason="fraudulent")),
    _visa(
        number="4000000000002685",
        ids=("pm_card_createDisputeProductNotReceived",),
        disputes=Disputing(reason="product_not_received"),
    ),
    _visa(
        number="4000000000001976",
        ids=("pm_card_createDisputeInquiry",),
        disputes=Disputing(reason="fraudulent", inquiry=True),
    ),
    _visa(number="4000000000007726", ids=("pm_card_pendingRefund",), refunds="succeed_later"),
    _visa(number="4000000000005126", ids=("pm_card_refundFail",), refunds="fail_later"),
)
BY_NUMBER: Mapping[str, TestCard] = {card.number: card for card in CARDS}
# Declining cards are published under a name with the brand in it as well.
BY_ID: Mapping[str, TestCard] = {
    alias: card for card in CARDS for ident in card.ids for alias in (ident, ident.replace("pm_card_", "pm_card_visa_"))
}


def card_error(code: str, message: str, param: str) -> ApiError:
    return ApiError(402, message, kind="card_error", code=code, param=param)


def known(number: str) -> TestCard:
    """The test card with this number, or the answer Stripe gives in test mode to any other."""
    digits = number.replace(" ", "").replace("-", "")
    if not digits.isascii() or not digits.isdigit() or not NUMBER_LENGTH_MIN <= len(digits) <= NUMBER_LENGTH_MAX:
        raise card_error("invalid_number", "The card number is not a valid credit card number.", "number")
    if not _luhn(digits):
        raise card_error("incorrect_number", "Your card number is incorrect.", "number")
    if digits not in BY_NUMBER:
        message = "Your card was declined. The request was in test mode, and this is not a test card."
        raise ApiError(402, message, kind="card_error", code="card_declined", decline_code="test_mode_live_card")
    return BY_NUMBER[digits]


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(n // 10 + n % 10 for n in doubled)) % 10 == 0


def check_expiry(month: int, year: int, *, this_year: int, this_month: int) -> tuple[int, int]:
    """The month and the four-digit year, if a card may say so today."""
    full_year = year + CENTURY if 0 <= year < YEARS_OF_CENTURY else year
    if not 1 <= month <= MONTHS:
        raise card_error("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    if not this_year <= full_year <= this_year + EXPIRY_YEARS_MAX:
        raise card_error("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year")
    if (full_year, month) < (this_year, this_month):
        raise card_error("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    return month, full_year


def check_cvc(cvc: str, card: TestCard) -> None:
    lengths = (3, 4) if card.brand == "amex" else (3,)
    if not cvc.isascii() or not cvc.isdigit() or len(cvc) not in lengths:
        raise card_error("invalid_cvc", "Your card's security code is invalid.", "cvc")
