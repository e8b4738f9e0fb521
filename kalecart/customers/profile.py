"""A customer as they see themselves, and how their columns are sealed and opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kalecart.customers.address import NOWHERE, Address
from kalecart.customers.contact import mailable, phone_label
from kalecart.ids import AddressId, CustomerId
from kalecart.vault import DataKey, Place


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Everything the shop knows of a customer but their orders, cards and choices."""

    customer_id: CustomerId
    name: str
    email: str
    phone: str
    address_id: AddressId
    address: Address
    signed_up_at: datetime
    # When the way in was last changed (E54), and when they last said that all of this is right (C7).
    email_changed_at: datetime | None = None
    details_confirmed_at: datetime | None = None

    @property
    def phone_label(self) -> str:
        return phone_label(self.phone)

    @property
    def last_confirmed_at(self) -> datetime:
        """Who signs up says that it is right."""
        return self.details_confirmed_at or self.signed_up_at


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What writing to a customer takes. `email` is as mail servers take it: see `contact.mailable`."""

    name: str
    email: str

    def __repr__(self) -> str:
        return "Reach(***)"


def seal(key: DataKey, customer_id: CustomerId, texts: Mapping[str, str]) -> dict[str, bytes]:
    """`{"name": …}` as `{"name_sealed": …}`, bound to its row and column."""
    return {
        f"{field}_sealed": key.seal(text, Place("customer", f"{field}_sealed", customer_id))
        for field, text in texts.items()
    }


def seal_address(key: DataKey, address_id: AddressId, address: Address) -> bytes:
    return key.seal(address.to_text(), Place("address", "sealed", address_id))


def seal_past(key: DataKey, past_id: UUID, text: str) -> bytes:
    """A detail as it was before a correction; an address as `Address.to_text` gives it."""
    return key.seal(text, Place("past_detail", "sealed", past_id))


def open_past(key: DataKey, past_id: UUID, sealed: bytes) -> str:
    return key.open(sealed, Place("past_detail", "sealed", past_id))


def open_address(key: DataKey, address_id: AddressId, sealed: bytes, *, bare: bool = False) -> Address:
    if bare and not sealed:
        return NOWHERE
    return Address.from_text(key.open(sealed, Place("address", "sealed", address_id)))


def open_reach(key: DataKey, row: Any) -> Reach:
    email = _opened(key, row, "email_sealed")
    return Reach(name=_opened(key, row, "name_sealed"), email=mailable(email))


def _opened(key: DataKey, row: Any, column: str) -> str:
    return key.open(getattr(row, column), Place("customer", column, row.id))


def open_profile(key: DataKey, row: Any, *, bare: bool = False) -> Profile:
    """A row of a customer joined with the address that holds now. With `bare`, what is emptied already stays empty."""

    def text(column: str) -> str:
        return "" if bare and not getattr(row, column) else _opened(key, row, column)

    return Profile(
        customer_id=CustomerId(row.id),
        name=text("name_sealed"),
        email=text("email_sealed"),
        phone=text("phone_sealed"),
        address_id=AddressId(row.address_id),
        address=open_address(key, row.address_id, row.sealed, bare=bare),
        signed_up_at=row.signed_up_at,
        email_changed_at=row.email_changed_at,
        details_confirmed_at=row.details_confirmed_at,
    )
