"""All SQL that changes customers and their log-ins. What is personal is sealed before it gets here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from kalecart.customers.tables import address, customer, session
from kalecart.database import Tx
from kalecart.ids import AddressId, CustomerId

SESSIONS_MAX: Final = 20


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a log-in is held against."""

    customer_id: CustomerId
    password_hash: str


async def add(tx: Tx, customer_id: CustomerId, **values: Any) -> None:
    """A new customer. The address they name is added in the same transaction."""
    await tx.execute(sa.insert(customer).values(id=customer_id, **values))


async def add_address(tx: Tx, address_id: AddressId, *, customer_id: CustomerId, sealed: bytes, now: datetime) -> None:
    """An address is a row of its own and is never changed: orders keep the one they were placed with (C7)."""
    row = {"id": address_id, "customer_id": customer_id, "sealed": sealed, "written_at": now}
    await tx.execute(sa.insert(address).values(**row))


async def change(tx: Tx, customer_id: CustomerId, **values: Any) -> None:
    await tx.execute(sa.update(customer).where(customer.c.id == customer_id).values(**values))


async def lock(tx: Tx, customer_id: CustomerId) -> bool:
    """Hold a customer's row until the transaction ends; False where there is none."""
    held = sa.select(customer.c.id).where(customer.c.id == customer_id).with_for_update(key_share=True)
    return await tx.scalar(held) is not None


async def credentials_by_email(tx: Tx, email_index: bytes) -> Credentials | None:
    return await _credentials(tx, customer.c.email_index == email_index)


async def credentials_of(tx: Tx, customer_id: CustomerId) -> Credentials | None:
    return await _credentials(tx, customer.c.id == customer_id)


async def _credentials(tx: Tx, whose: sa.ColumnElement[bool]) -> Credentials | None:
    row = (await tx.execute(sa.select(customer.c.id, customer.c.password_hash).where(whose))).one_or_none()
    return Credentials(customer_id=CustomerId(row.id), password_hash=row.password_hash) if row else None


async def lock_verified(tx: Tx, verified: Credentials) -> bool:
    """Lock the customer whose password was just checked; False where it was changed while we were checking."""
    unchanged = (customer.c.id == verified.customer_id) & (customer.c.password_hash == verified.password_hash)
    held = sa.select(customer.c.id).where(unchanged).with_for_update(key_share=True)
    return await tx.scalar(held) is not None


async def start_session(
    tx: Tx, token_hash: bytes, *, customer_id: CustomerId, now: datetime, expires_at: datetime
) -> None:
    """One more log-in. The oldest end once there are more than `SESSIONS_MAX` of one customer."""
    row = {"token_hash": token_hash, "customer_id": customer_id, "started_at": now, "expires_at": expires_at}
    await tx.execute(sa.insert(session).values(**row))
    own = session.c.customer_id == customer_id
    kept = sa.select(session.c.token_hash).where(own).order_by(session.c.started_at.desc()).limit(SESSIONS_MAX)
    await tx.execute(sa.delete(session).where(own, session.c.token_hash.not_in(kept)))


async def end_session(tx: Tx, token_hash: bytes) -> None:
    await tx.execute(sa.delete(session).where(session.c.token_hash == token_hash))


async def end_sessions(tx: Tx, customer_id: CustomerId) -> int:
    """End every log-in of one customer."""
    return (await tx.execute(sa.delete(session).where(session.c.customer_id == customer_id))).rowcount
