"""All SQL that changes saved cards and bank accounts."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.database import Pg, Tx
from kalecart.ids import CustomerId, PaymentMethodId
from kalecart.payments.tables import payment_method


async def stripe_customer_of(pg: Pg, customer_id: CustomerId) -> Mapping[str, Any]:
    """`stripe_customer_id` (or None) and the wrapped data key of a customer."""
    return await pg.fetchrow(
        "SELECT stripe_customer_id, wrapped FROM customer JOIN vault.data_key ON customer_id = id WHERE id = $1",
        customer_id,
    )


async def keep_method(tx: Tx, row: Mapping[str, Any], *, stripe_customer_id: str) -> PaymentMethodId | None:
    """Store a card and the customer it is attached to; the same card once."""
    await tx.execute(
        sa.text("UPDATE customer SET stripe_customer_id = :stripe_id WHERE id = :id").bindparams(
            sa.bindparam("id", type_=sa.Uuid)
        ),
        {"stripe_id": stripe_customer_id, "id": row["customer_id"]},
    )
    written = insert(payment_method).values(**row).on_conflict_do_nothing(index_elements=["stripe_id"])
    await tx.execute(written)
    kept = sa.select(payment_method.c.id).where(
        payment_method.c.stripe_id == row["stripe_id"], payment_method.c.customer_id == row["customer_id"]
    )
    return (await tx.execute(kept)).scalar_one_or_none()
