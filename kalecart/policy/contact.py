"""Whom to write to (C12): the person responsible and the shop's address, for letters and receipts."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A test holds this against the wording of every policy that is published."""

    person: str
    company: str
    street: str
    place: str
    email: str


CONTACT: Final = Contact(
    person="Ryan Matteson",
    company="KaleCart, LLC",
    street="460 S. Spring St. #913",
    place="Los Angeles, CA 90013",
    email="ryan@kalecart.com",
)
