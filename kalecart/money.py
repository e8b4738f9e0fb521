"""Money is a whole number of cents. One currency: US dollars."""

import re
from typing import Final, NewType

Cents = NewType("Cents", int)

CURRENCY: Final = "usd"
BASIS_POINTS: Final = 10_000
_TYPED: Final = re.compile(r"\$?([0-9]{1,6})(?:\.([0-9]{2}))?")


def dollars(cents: int) -> str:
    """`349` -> `$3.49`, `-120` -> `−$1.20`, `123456` -> `$1,234.56`."""
    whole, part = divmod(abs(cents), 100)
    return f"{'−' if cents < 0 else ''}${whole:,}.{part:02d}"


def cents_in(typed: str) -> Cents | None:
    """As people type it, `$1,025.93` or `120`; None for what is no amount."""
    found = _TYPED.fullmatch(typed.strip().replace(",", ""))
    return Cents(int(found[1]) * 100 + int(found[2] or 0)) if found else None


def share(cents: int, basis_points: int) -> Cents:
    """A rate's part of an amount, rounded half up to the cent, as tax is rounded on a receipt.

    `orders.store` computes the same in SQL; a test holds the two together.
    """
    assert cents >= 0
    assert basis_points >= 0
    return Cents((cents * basis_points + BASIS_POINTS // 2) // BASIS_POINTS)
