"""Which passwords we take: long ones that nobody would try first. No rule about capitals, digits or signs.

Length and a look at what attackers try do more than such rules (NIST SP 800-63B, section 5.1.1.2).
"""

import unicodedata
from typing import Final

from kalecart.customers.problems import Unusable

PASSWORD_MIN: Final = 10
PASSWORD_MAX: Final = 200
DISTINCT_MIN: Final = 5

# What a guesser tries first, without capitals, digits for letters, and digits or signs around it.
_TRIED_FIRST: Final = """
password passwort motdepasse contrasena letmein letmeinnow iloveyou iloveyousomuch welcome welcomehome
administrator administrador changeme changemenow changeit passwordpassword mypassword thepassword newpassword
yourpassword secret topsecret secretpassword nopassword qwerty qwertyuiop qwertyuiopasdfghjkl qwertyqwerty azerty
azertyuiop asdfghjkl asdfghjkll zxcvbnm qazwsxedc qazwsx onetwothree trustnoone superman spiderman batman
starwars football baseball basketball princess sunshine sunshineandrain dragon monkey shadow master michael
jennifer jordan liverpool manchesterunited dodgers lakers losangeles california kalecart kale kaleandhearty
groceries groceryshop shopping delivery abcdefghij abcdefghijkl abcdefgh testtest testpassword defaultpassword
guestguest loginlogin whatever computer internet correcthorsebatterystaple
"""
_LETTERS_FOR: Final = str.maketrans(
    {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
_SEQUENCES: Final = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def normalised(password: str) -> str:
    """The same password from every keyboard: composed and decomposed letters count as one (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def parse_password(typed: str, *, email: str, name: str) -> str:
    """The password as it is hashed."""
    if not typed:
        raise Unusable("Choose a password.")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in typed):
        raise Unusable("Leave out tabs and other control characters.")
    password = normalised(typed)
    if len(password) < PASSWORD_MIN:
        raise Unusable(f"Use at least {PASSWORD_MIN} characters. A few words in a row are easy to remember.")
    if len(password) > PASSWORD_MAX:
        raise Unusable(f"Use at most {PASSWORD_MAX} characters.")
    if _is_about(password, email, name):
        raise Unusable("Choose a password that is not your name or e-mail address.")
    if _tried_first(password):
        raise Unusable("This password is among the first that attackers try. A few unrelated words make a good one.")
    return password


def _is_about(password: str, email: str, name: str) -> bool:
    stem = _letters_and_digits(password)
    own = {email, email.partition("@")[0], name, *name.split()}
    return any(
        stem.strip("0123456789") == known.strip("0123456789") for known in map(_letters_and_digits, own) if known
    )


def _letters_and_digits(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _tried_first(password: str) -> bool:
    plain = password.casefold()
    bare = plain.rstrip("0123456789!.?*")
    stems = {_core(text) for text in (plain, plain.translate(_LETTERS_FOR), bare.translate(_LETTERS_FOR))}
    return (
        len(set(plain)) < DISTINCT_MIN
        or any(plain in row or plain[::-1] in row for row in _SEQUENCES)
        or not stems.isdisjoint(_TRIED_FIRST.split())
    )


def _core(text: str) -> str:
    """Without spaces and signs, and without digits around it."""
    return "".join(letter for letter in text if letter.isalnum()).strip("0123456789")
