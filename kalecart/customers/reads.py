"""Customers as pages show them: who is logged in, and their details opened with their own key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.customers.address import Address
from kalecart.customers.contact import mailable
from kalecart.customers.correction import CheckWhy, Effect, Outcome, PastDetail, Place
from kalecart.customers.profile import Profile, Reach, open_address, open_past, open_profile, open_reach
from kalecart.customers.tables import address, customer, detail_check, past_detail
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


async def profile(tx: Tx, customer_id: CustomerId, vault: Vault, *, bare: bool = False) -> Profile:
    """A customer's details, opened. With `bare`, of somebody who is being erased only what a hold still keeps."""
    row = (await tx.execute(_PROFILE, {"customer_id": customer_id})).one_or_none()
    if row is None:
        raise NotFound("There is no such customer.")
    return open_profile(vault.unwrap(row.wrapped, row.master_key), row, bare=bare)


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


async def address_of(tx: Tx, address_id: AddressId, vault: Vault, *, bare: bool = False) -> Address:
    """The address an order was placed with, whatever its customer's address is by now; with `bare`, as in `profile`."""
    row = (await tx.execute(_ADDRESS, {"address_id": address_id})).one_or_none()
    if row is None:
        raise NotFound("There is no such address.")
    return open_address(vault.unwrap(row.wrapped, row.master_key), address_id, row.sealed, bare=bare)


_PAST: Final = (
    sa.select(past_detail, data_key.c.wrapped, data_key.c.master_key)
    .join(data_key, data_key.c.customer_id == past_detail.c.customer_id)
    .order_by(past_detail.c.changed_at.desc(), past_detail.c.id.desc())
)
_EFFECTS: Final = sa.text("""
    SELECT e.past_detail_id, e.place, e.outcome, e.order_id, o.number
      FROM correction_effect AS e JOIN past_detail AS p ON p.id = e.past_detail_id
 LEFT JOIN customer_order AS o ON o.id = e.order_id
     WHERE p.customer_id = :customer_id ORDER BY e.id
""").bindparams(sa.bindparam("customer_id", type_=sa.Uuid))


async def corrections_of(tx: Tx, customer_id: CustomerId, vault: Vault) -> Sequence[PastDetail]:
    """What a customer's details said before, the latest first, and where each correction went."""
    effects: dict[UUID, list[Effect]] = {}
    for row in await tx.execute(_EFFECTS, {"customer_id": customer_id}):
        effect = Effect(
            place=Place(row.place), outcome=Outcome(row.outcome), order_id=row.order_id, order_number=row.number
        )
        effects.setdefault(row.past_detail_id, []).append(effect)
    rows = await tx.execute(_PAST.where(past_detail.c.customer_id == customer_id))
    return [
        PastDetail(
            id=row.id,
            field=row.field,
            text=open_past(vault.unwrap(row.wrapped, row.master_key), row.id, row.sealed),
            why=row.why,
            staff_id=row.staff_id,
            changed_at=row.changed_at,
            effects=effects.get(row.id, ()),
        )
        for row in rows
    ]


async def reach_before(tx: Tx, past_id: UUID, vault: Vault) -> Reach:
    """How a customer was written to before they changed their e-mail address."""
    row = (await tx.execute(_PAST.where(past_detail.c.id == past_id, past_detail.c.field == "email"))).one_or_none()
    if row is None:
        raise NotFound("There is no such correction.")
    now = await reach_of(tx, CustomerId(row.customer_id), vault)
    return Reach(
        name=now.name, email=mailable(open_past(vault.unwrap(row.wrapped, row.master_key), row.id, row.sealed))
    )


async def open_checks(tx: Tx, customer_id: CustomerId) -> Sequence[CheckWhy]:
    """Why they are being asked whether their details are still right."""
    standing = sa.select(detail_check.c.why).where(
        detail_check.c.customer_id == customer_id, detail_check.c.answered_at.is_(None)
    )
    return [CheckWhy(why) for why in await tx.scalars(standing)]


async def check_why(tx: Tx, check_id: UUID) -> CheckWhy | None:
    """Why that was asked; None where it is answered."""
    standing = sa.select(detail_check.c.why).where(detail_check.c.id == check_id, detail_check.c.answered_at.is_(None))
    found = await tx.scalar(standing)
    return CheckWhy(found) if found else None
