"""All SQL that changes saved cards and bank accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.consent.store import keep_words
from kalecart.database import Pg, Tx
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, PaymentMethodId
from kalecart.payments.bank_account import MANDATE_SHA256, MANDATE_WORDS
from kalecart.payments.tables import mandate, payment_method

_m: Final = payment_method.c


@dataclass(frozen=True, kw_only=True)
class KnownAtStripe:
    """A customer as Stripe knows them, or not yet, and their wrapped data key."""

    stripe_customer_id: str | None
    wrapped: bytes
    master_key: str


@dataclass(frozen=True, kw_only=True)
class KeptMethod:
    """A saved method by itself."""

    id: PaymentMethodId
    customer_id: CustomerId
    stripe_id: str
    kind: str
    verified_at: datetime | None
    removed_at: datetime | None


_KNOWN: Final = """
    SELECT stripe_customer_id, wrapped, master_key
      FROM customer AS c JOIN vault.data_key AS k ON k.customer_id = c.id WHERE c.id = $1
"""
_KEEP_CUSTOMER: Final = """
    UPDATE customer SET stripe_customer_id = coalesce(stripe_customer_id, $2)
     WHERE id = $1 AND EXISTS (SELECT FROM vault.data_key WHERE customer_id = $1) RETURNING stripe_customer_id
"""


async def known_at_stripe(pg: Pg, customer_id: CustomerId) -> KnownAtStripe:
    """Raises NotFound for somebody who was erased, perhaps since their request began."""
    row = await pg.fetchrow(_KNOWN, customer_id)
    if row is None:
        raise NotFound("There is no such customer any more.")
    return KnownAtStripe(**row)


async def keep_stripe_customer(pg: Pg, customer_id: CustomerId, stripe_customer_id: str) -> str:
    """The id that counts: the first that was kept. Raises NotFound for somebody who was erased meanwhile."""
    kept = await pg.fetchval(_KEEP_CUSTOMER, customer_id, stripe_customer_id)
    if kept is None:
        raise NotFound("There is no such customer any more.")
    return kept


async def keep_method(tx: Tx, row: Mapping[str, Any]) -> PaymentMethodId | None:
    """Store a method, the same once; None where Stripe's id is somebody else's or was removed."""
    await tx.execute(insert(payment_method).values(**row).on_conflict_do_nothing(index_elements=["stripe_id"]))
    mine = (_m.stripe_id == row["stripe_id"], _m.customer_id == row["customer_id"], _m.removed_at.is_(None))
    return await tx.scalar(sa.select(_m.id).where(*mine))


_COLUMNS: Final = (_m.id, _m.customer_id, _m.stripe_id, _m.kind, _m.verified_at, _m.removed_at)


async def method(tx: Tx, method_id: PaymentMethodId, customer_id: CustomerId | None = None) -> KeptMethod:
    """A method, of this customer where one is given. Raises NotFound."""
    found = sa.select(*_COLUMNS).where(_m.id == method_id)
    return await _one(tx, found.where(_m.customer_id == customer_id) if customer_id else found)


# An order that names a method holds its row until it is written, so whoever has the row knows all that do.
async def lock_method(tx: Tx, method_id: PaymentMethodId, customer_id: CustomerId) -> KeptMethod:
    """The same for a change: nobody places an order with it meanwhile. Raises NotFound."""
    found = sa.select(*_COLUMNS).where(_m.id == method_id, _m.customer_id == customer_id)
    return await _one(tx, found.with_for_update())


async def _one(tx: Tx, found: sa.Select[*tuple[Any, ...]]) -> KeptMethod:
    row = (await tx.execute(found)).mappings().one_or_none()
    if row is None:
        raise NotFound("You have no such payment method.")
    return _kept(row)


async def known_method(tx: Tx, stripe_id: str) -> KeptMethod | None:
    """By Stripe's id, locked; None where it is not of this shop."""
    found = await tx.execute(sa.select(*_COLUMNS).where(_m.stripe_id == stripe_id).with_for_update())
    row = found.mappings().one_or_none()
    return _kept(row) if row else None


def _kept(row: Any) -> KeptMethod:
    facts: dict[str, Any] = dict(row)
    return KeptMethod(**facts)


_PAYING: Final = sa.text("""
    SELECT o.number FROM customer_order AS o LEFT JOIN payment_intent AS i ON i.order_id = o.id
     WHERE o.payment_method_id = :id AND o.paid_at IS NULL AND o.status <> 'cancelled'
       AND coalesce(i.status, 'begun') NOT IN ('declined', 'canceled')
     ORDER BY o.placed_at LIMIT 1
""").bindparams(sa.bindparam("id", type_=sa.Uuid))


async def paying(tx: Tx, method_id: PaymentMethodId) -> str | None:
    """The number of an order whose charge to this method is queued or on its way."""
    return await tx.scalar(_PAYING, {"id": method_id})


async def change(tx: Tx, method_id: PaymentMethodId, **values: Any) -> None:
    await tx.execute(sa.update(payment_method).where(_m.id == method_id).values(**values))


async def end_waiting(tx: Tx, method_id: PaymentMethodId, *, verified: bool, now: datetime) -> None:
    """The end of an account's waiting for its proof. Where an event of Stripe's has ended it already, that stands."""
    waits = sa.update(payment_method).where(_m.id == method_id, _m.verified_at.is_(None), _m.removed_at.is_(None))
    await tx.execute(waits.values(**{"verified_at" if verified else "removed_at": now}))


async def make_default(tx: Tx, chosen: KeptMethod, *, now: datetime) -> None:
    """The one a checkout offers first. The caller has locked it."""
    others = (_m.customer_id == chosen.customer_id, _m.default_since.is_not(None), _m.id != chosen.id)
    await tx.execute(sa.update(payment_method).where(*others).values(default_since=None))
    await change(tx, chosen.id, default_since=now)


_EXPIRING: Final = sa.text("""
    UPDATE payment_method SET expiry_told_at = :now
     WHERE id IN (SELECT id FROM payment_method
                   WHERE removed_at IS NULL AND expiry_told_at IS NULL AND expires_on <= :until
                   ORDER BY expires_on LIMIT :most FOR UPDATE SKIP LOCKED)
 RETURNING id, expires_on
""").bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)), sa.bindparam("until", type_=sa.Date))


async def take_expiring(tx: Tx, *, until: date, most: int, now: datetime) -> Sequence[tuple[PaymentMethodId, date]]:
    """Cards whose last day comes by then and whose owners were not told: told now, by whoever called."""
    rows = await tx.execute(_EXPIRING, {"until": until, "most": most, "now": now})
    return [(PaymentMethodId(row.id), row.expires_on) for row in rows]


async def keep_mandate(
    tx: Tx, method_id: PaymentMethodId, customer_id: CustomerId, *, stripe_id: str, accepted_at: datetime
) -> None:
    """What its owner agreed to and when, once for an account; the words themselves once for all (C1)."""
    await keep_words(tx, MANDATE_WORDS, MANDATE_SHA256, now=accepted_at)
    row = {"payment_method_id": method_id, "customer_id": customer_id, "stripe_id": stripe_id}
    agreed = insert(mandate).values(**row, words_sha256=MANDATE_SHA256, accepted_at=accepted_at)
    await tx.execute(agreed.on_conflict_do_nothing(index_elements=["payment_method_id"]))


_ACCOUNTS: Final = (_m.kind == "bank", _m.removed_at.is_(None))


async def lock_accounts(tx: Tx, customer_id: CustomerId) -> bool:
    """Whether the customer keeps bank accounts; locked, so that whoever judges them judges after the other."""
    mine = sa.select(_m.id).where(_m.customer_id == customer_id, *_ACCOUNTS).order_by(_m.id)
    return bool((await tx.execute(mine.with_for_update(key_share=True))).all())


async def bar(tx: Tx, customer_id: CustomerId, *, barred_at: datetime | None) -> bool:
    """Bar a customer's bank accounts, or lift the bar; False where nothing changed."""
    changes = _m.barred_at.is_(None) if barred_at else _m.barred_at.is_not(None)
    mine = sa.update(payment_method).where(_m.customer_id == customer_id, changes, *_ACCOUNTS)
    return (await tx.execute(mine.values(barred_at=barred_at))).rowcount > 0


async def barred_customers(tx: Tx) -> Sequence[CustomerId]:
    barred = sa.select(_m.customer_id).where(_m.barred_at.is_not(None), *_ACCOUNTS).distinct()
    return [CustomerId(found) for found in (await tx.execute(barred)).scalars()]
