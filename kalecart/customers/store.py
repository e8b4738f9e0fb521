"""All SQL that changes customers and their log-ins. What is personal is sealed before it gets here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.customers.correction import CheckAnswer, CheckWhy, Outcome, Place
from kalecart.customers.tables import address, correction_effect, customer, detail_check, past_detail, session
from kalecart.database import Tx
from kalecart.ids import AddressId, CustomerId, OrderId, new_id

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


async def keep_past(tx: Tx, past_id: UUID, customer_id: CustomerId, **values: Any) -> None:
    """What a detail said before it was corrected."""
    await tx.execute(sa.insert(past_detail).values(id=past_id, customer_id=customer_id, **values))


async def note_effect(
    tx: Tx, past_id: UUID, place: Place, outcome: Outcome, *, order_id: OrderId | None = None, now: datetime
) -> None:
    """Where a correction went."""
    row = {"id": new_id(), "past_detail_id": past_id, "place": place, "outcome": outcome, "order_id": order_id}
    await tx.execute(sa.insert(correction_effect).values(**row, at=now))


_OWNS_ACCOUNT: Final = sa.text(
    "SELECT EXISTS (SELECT FROM payment_method WHERE customer_id = :id AND kind = 'bank' AND removed_at IS NULL)"
).bindparams(sa.bindparam("id", type_=sa.Uuid))


async def named_at_stripe(tx: Tx, customer_id: CustomerId) -> bool:
    """Whether Stripe knows a name of theirs: the holder's of a bank account, which they typed there themselves."""
    return bool(await tx.scalar(_OWNS_ACCOUNT, {"id": customer_id}))


async def raise_check(tx: Tx, customer_id: CustomerId, why: CheckWhy, *, now: datetime) -> UUID | None:
    """Ask whether their details are still right; None where that question stands already."""
    row = {"id": new_id(), "customer_id": customer_id, "why": why, "raised_at": now}
    asked = insert(detail_check).values(**row).on_conflict_do_nothing().returning(detail_check.c.id)
    return await tx.scalar(asked)


async def answer_checks(
    tx: Tx, customer_id: CustomerId, whys: Iterable[CheckWhy], answer: CheckAnswer, *, now: datetime
) -> int:
    """Write an answer to the questions that stand; returns how many did."""
    mine = sa.update(detail_check).where(
        detail_check.c.customer_id == customer_id,
        detail_check.c.why.in_(list(whys)),
        detail_check.c.answered_at.is_(None),
    )
    return (await tx.execute(mine.values(answer=answer, answered_at=now))).rowcount


# Only of people whose details can still be read: with the key gone there is nobody to ask.
_UNCONFIRMED: Final = sa.text("""
    SELECT c.id FROM customer AS c
     WHERE coalesce(c.details_confirmed_at, c.signed_up_at) <= :since
       AND NOT EXISTS (SELECT FROM detail_check AS d
                        WHERE d.customer_id = c.id AND d.why = 'yearly' AND d.answered_at IS NULL)
       AND EXISTS (SELECT FROM vault.data_key AS k WHERE k.customer_id = c.id)
     ORDER BY c.id LIMIT :most
""")


async def unconfirmed(tx: Tx, *, since: datetime, most: int) -> Sequence[CustomerId]:
    """Customers who have said nothing about their details since then, and are not being asked."""
    return [CustomerId(row.id) for row in await tx.execute(_UNCONFIRMED, {"since": since, "most": most})]
