"""A bank's no in plain words, to whoever holds the card or the account."""

from typing import Final

_CARD: Final = {
    "insufficient_funds": "There was not enough money on the card.",
    "expired_card": "The card has expired.",
    "incorrect_cvc": "The security code was not right.",
    "incorrect_number": "The card number was not right.",
    "incorrect_zip": "The ZIP code did not match the card.",
    "processing_error": "The bank could not process the card just now.",
    "authentication_required": "The bank wanted a confirmation from you that we could not ask for.",
    "card_not_supported": "The card does not support this kind of purchase.",
    "card_velocity_exceeded": "The card has reached its limit for now.",
    "withdrawal_count_limit_exceeded": "The card has reached its limit for now.",
    "currency_not_supported": "The card cannot be charged in US dollars.",
    "try_again_later": "The bank could not answer just now.",
    "issuer_not_available": "The bank could not be reached.",
    "method_refused": "This card can no longer be used here.",
}
_BANK: Final = {
    "insufficient_funds": "There was not enough money in the bank account.",
    "account_closed": "The bank account is closed.",
    "payment_method_bank_account_blocked": "This bank account cannot be debited any more.",
    "no_account": "The bank found no such account.",
    "debit_not_authorized": "The bank was told that this debit was not allowed.",
    "invalid_currency": "The bank account cannot be debited in US dollars.",
    "processing_error": "The bank could not process the debit.",
    "method_refused": "This bank account can no longer be debited.",
}


def decline_words(code: str | None, *, kind: str = "card") -> str:
    """A bank's reason. What hints at fraud or loss is not told to whoever holds the card."""
    if kind == "bank":
        return _BANK.get(code or "", "The bank sent the debit back without giving a reason.")
    return _CARD.get(code or "", "The bank declined the card without giving a reason.")
