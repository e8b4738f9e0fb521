"""How to reach a person: name, e-mail address, telephone number, each as a person types it and as we keep it.

What cannot be used raises `Unusable` with words that say what to do, and nothing else is ever raised.
"""

import unicodedata
from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from kalecart.customers.card_numbers import NOT_HERE, carries_card_number
from kalecart.customers.problems import Unusable

NAME_MAX: Final = 100
EMAIL_MAX: Final = 254
PHONE_MAX: Final = 40

_NO_EMAIL: Final = "Enter an e-mail address such as ana@example.com."

# Zero-width joiners are part of names in Persian and in Indian scripts; no other invisible sign is.
_JOINERS: Final = "\u200c\u200d"
_UNWANTED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def text_line(typed: str, *, most: int, empty: str) -> str:
    """One line of a person's text: composed (NFC), single spaces, nothing invisible, no card number."""
    unwanted = (unicodedata.category(letter) in _UNWANTED for letter in typed.strip() if letter not in _JOINERS)
    if any(unwanted):
        raise Unusable("Type it on one line, without tabs or invisible characters.")
    text = " ".join(unicodedata.normalize("NFC", typed).split())
    if not text.strip(_JOINERS):
        raise Unusable(empty)
    if len(text) > most:
        raise Unusable(f"Use at most {most} characters.")
    if carries_card_number(text):
        raise Unusable(NOT_HERE)
    return text


def parse_name(typed: str) -> str:
    """Any name a person has: one word or five, any script; but a letter must be in it."""
    name = text_line(typed, most=NAME_MAX, empty="Enter your name.")
    if not any(letter.isalpha() for letter in name):
        raise Unusable("Enter your name in letters.")
    return name


def parse_email(typed: str) -> str:
    """Syntax only: the domain is not asked, because a mail server that is down today is no reason to turn one away."""
    typed = typed.strip()
    if not typed:
        raise Unusable("Enter your e-mail address.")
    if len(typed) > EMAIL_MAX:
        raise Unusable(_NO_EMAIL)
    mailbox = typed.partition("@")[0]
    # Addresses from a machine have numbers among their letters, and one in two hundred passes for a card's.
    if not any(letter.isalpha() for letter in mailbox) and carries_card_number(mailbox):
        raise Unusable(NOT_HERE)
    try:
        return validate_email(typed, check_deliverability=False, allow_smtputf8=False).normalized
    except (EmailNotValidError, UnicodeError):
        raise Unusable(_NO_EMAIL) from None


def email_key(email: str) -> str:
    """What makes two e-mail addresses the same for us: capitals do not matter."""
    return email.lower()


def mailable(email: str) -> str:
    """A parsed address as every mail server takes it: `ana@bücher.example` is `ana@xn--bcher-kva.example` there."""
    spelled = validate_email(email, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    return spelled.ascii_email or email


def parse_phone(typed: str) -> str:
    """A number as E.164 (`+12135550123`), read as American where no country is given."""
    if not typed.strip():
        raise Unusable("Enter a phone number.")
    try:
        number = phonenumbers.parse(typed[: PHONE_MAX + 1], "US")
    except phonenumbers.NumberParseException:
        raise Unusable("Enter a phone number such as (213) 555-0123.") from None
    if number.extension:
        raise Unusable("Enter a number that rings without an extension: the driver dials it from the street.")
    if not phonenumbers.is_valid_number(number):
        raise Unusable("Enter a full phone number with its area code, such as (213) 555-0123.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_label(e164: str) -> str:
    """As people here write it: `(213) 555-0123`, and with the country for a number from abroad."""
    number = phonenumbers.parse(e164)
    home = number.country_code == 1
    style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)
