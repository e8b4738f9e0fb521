"""The money of one order as people see it: what came, what went back and why, what a bank contests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.ids import OrderId, RefundId
from kalecart.payments.refund import WHY, RefundReason, RefundState, Returnable
from kalecart.payments.store_refunds import returnable, sold
from kalecart.payments.tables import dispute, ledger_entry, refund


@dataclass(frozen=True, kw_only=True)
class RefundLineView:
    """`amount_cents` is with the line's share of the tax."""

    sku: str
    name: str
    quantity: int
    amount_cents: int


@dataclass(frozen=True, kw_only=True)
class RefundView:
    """Money on its way back, or back already.

    `asked_by` is customer, staff, shop, or stripe for one made in Stripe's dashboard.
    """

    id: RefundId
    amount_cents: int
    reason: RefundReason
    asked_by: str
    state: RefundState
    failure_code: str | None
    stripe_id: str | None
    asked_at: datetime
    ended_at: datetime | None
    lines: tuple[RefundLineView, ...] = ()

    @property
    def why(self) -> str:
        return WHY[self.reason]


@dataclass(frozen=True, kw_only=True)
class DisputeView:
    stripe_id: str
    amount_cents: int
    status: str
    reason: str
    evidence_due_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class LedgerLine:
    """A movement of money; cents are negative where they left."""

    kind: str
    amount_cents: int
    stripe_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderMoney:
    """`returnable` counts what is on its way back as gone."""

    returnable: Returnable
    refunds: Sequence[RefundView] = ()
    disputes: Sequence[DisputeView] = ()
    ledger: Sequence[LedgerLine] = ()

    @property
    def remaining_cents(self) -> int:
        return self.returnable.remaining_cents


_REFUND_LINES: Final = sa.text("""
    SELECT r.refund_id, r.sku, o.name, r.quantity, r.amount_cents
      FROM refund_line AS r JOIN refund ON refund.id = r.refund_id
      JOIN order_line AS o ON o.order_id = refund.order_id AND o.sku = r.sku
     WHERE refund.order_id = :id ORDER BY o.name
""").bindparams(sa.bindparam("id", type_=sa.Uuid))


async def money_of(tx: Tx, order_id: OrderId) -> OrderMoney:
    """Everything that moved or may move for an order, the oldest first."""
    return OrderMoney(
        returnable=await returnable(tx, order_id),
        refunds=await refunds_of(tx, order_id),
        disputes=[DisputeView(**row) for row in await _rows(tx, dispute, DisputeView, order_id, "opened_at")],
        ledger=[LedgerLine(**row) for row in await _rows(tx, ledger_entry, LedgerLine, order_id, "at")],
    )


async def left_of(tx: Tx, order_id: OrderId) -> dict[str, int]:
    """How many of each line can still be refunded (sku → units)."""
    lines, _ = await sold(tx, order_id)
    return {line.sku: line.quantity - line.returned for line in lines}


async def refunds_of(tx: Tx, order_id: OrderId) -> Sequence[RefundView]:
    """All refunds of an order, the oldest first, failed ones included."""
    rows = await _rows(tx, refund, RefundView, order_id, "asked_at")
    if not rows:
        return ()
    lines: dict[RefundId, list[RefundLineView]] = {}
    for line in (await tx.execute(_REFUND_LINES, {"id": order_id})).mappings():
        fields = dict(line)
        lines.setdefault(fields.pop("refund_id"), []).append(RefundLineView(**fields))
    return [_refund(row, lines.get(row["id"], [])) for row in rows]


def _refund(row: dict[str, Any], lines: Sequence[RefundLineView]) -> RefundView:
    known: dict[str, Any] = {"reason": RefundReason(row["reason"]), "state": RefundState(row["state"])}
    return RefundView(**(row | known), lines=tuple(lines))


async def _rows(tx: Tx, table: sa.Table, view: Any, order_id: OrderId, by: str) -> Sequence[dict[str, Any]]:
    """The columns a view names, of this order."""
    columns = [table.c[name] for name in view.__dataclass_fields__ if name in table.c]
    found = sa.select(*columns).where(table.c.order_id == order_id).order_by(table.c[by])
    return [dict(row) for row in (await tx.execute(found)).mappings()]
