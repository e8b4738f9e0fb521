"""How much: whole numbers of a currency's smallest unit, within Stripe's limits."""

from stripesim.errors import InvalidParameters
from stripesim.forms import Form

# The smallest amount Stripe takes in each currency the stand-in knows, in its smallest unit.
SMALLEST = {"usd": 50, "eur": 50, "gbp": 30, "cad": 50, "aud": 50, "chf": 50, "nzd": 50, "jpy": 50}
AMOUNT_MAX = 99_999_999


def currency_of(form: Form, given: str) -> str:
    if (currency := given.lower()) not in SMALLEST:
        message = f"Invalid currency: {given}. The stand-in knows {', '.join(SMALLEST)}."
        raise InvalidParameters(message, param=form.param("currency"))
    return currency


def amount_of(form: Form, currency: str) -> int:
    amount = form.integer("amount") or 0
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise InvalidParameters(message, code="parameter_invalid_integer", param="amount")
    if amount < SMALLEST[currency]:
        message = f"The amount must be at least {SMALLEST[currency]} in {currency}."
        raise InvalidParameters(message, code="amount_too_small", param="amount")
    if amount > AMOUNT_MAX:
        raise InvalidParameters(f"The amount must be at most {AMOUNT_MAX}.", code="amount_too_large", param="amount")
    return amount
