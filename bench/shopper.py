"""Somebody who shops while it is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Shopper:
    """A customer with an open log-in and a saved card, both as a browser would know them."""

    customer: str
    session: str
    card: str
