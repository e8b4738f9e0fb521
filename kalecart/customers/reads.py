"""Customers as pages show them: who is logged in, and their details opened with their own key."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from kalecart.customers.address import Address
from kalecart.customers.profile import Profile, Reach, open_address, open_profile, open_reach
from kalecart.customers.tables import address, customer
from kalecart.database import Pg, Tx
from kalecart.errors import NotFound
from kalecart.ids import AddressId, CustomerId
from kalecart.vault import Vault, data_key

_WHO: Final = "SELECT customer_id FROM session WHERE token_hash = $1 AND expires_at > $2"


async def who(pg: Pg, token_hash: bytes, now: datetime) -> CustomerId | None:
    """Whose log-in a cookie's token opens, in one statement; None for one unknown or whose time is over."""
    found = await pg.fetchval(_WHO, token_hash, now)
    return CustomerId(found) if found else None


_PROFILE: Final = (
    sa.select(customer, address.c.sealed, data_key.c.wrapped, data_key.c.master_key)
    .join(address, address.c.id == customer.c.address_id)
    .join(data_key, data_key.c.customer_id == customer.c.id)
    .where(customer.c.id == sa.bindparam("customer_id"))
)


async def profile(tx: Tx, customer_id: CustomerId, vault: Vault) -> Profile:
    """A customer's details, opened."""
    row = (await tx.execute(_PROFILE, {"customer_id": customer_id})).one_or_none()
    if row is None:
        raise NotFound("There is no such customer.")
    return open_profile(vault.unwrap(row.wrapped, row.master_key), row)


_REACH: Final = (
    sa.select(customer.c.id, customer.c.email_sealed, customer.c.name_sealed, data_key.c.wrapped, data_key.c.master_key)
    .join(data_key, data_key.c.customer_id == customer.c.id)
    .where(customer.c.id == sa.bindparam("customer_id"))
)


async def reach_of(tx: Tx, customer_id: CustomerId, vault: Vault) -> Reach:
    """How to write to a customer: no more of them than that."""
    row = (await tx.execute(_REACH, {"customer_id": customer_id})).one_or_none()
    if row is None:
        raise NotFound("There is no such customer.")
    return open_reach(vault.unwrap(row.wrapped, row.master_key), row)


_ADDRESS: Final = (
    sa.select(address.c.sealed, data_key.c.wrapped, data_key.c.master_key)
    .join(data_key, data_key.c.customer_id == address.c.customer_id)
    .where(address.c.id == sa.bindparam("address_id"))
)


async def address_of(tx: Tx, address_id: AddressId, vault: Vault) -> Address:
    """The address an order was placed with, whatever its customer's address is by now."""
    row = (await tx.execute(_ADDRESS, {"address_id": address_id})).one_or_none()
    if row is None:
        raise NotFound("There is no such address.")
    return open_address(vault.unwrap(row.wrapped, row.master_key), address_id, row.sealed)
