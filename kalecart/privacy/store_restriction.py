"""All SQL about what was decided to be kept back. Lines are added and never changed."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from kalecart.database import Tx
from kalecart.ids import RequestId
from kalecart.privacy.restriction import Ground, Restriction, Step
from kalecart.privacy.tables import privacy_restriction

_R = privacy_restriction.c


async def add(tx: Tx, step: Restriction) -> None:
    """The caller holds the request's row, so that two steps do not take one number."""
    values = {column.name: getattr(step, column.name) for column in _R}
    await tx.execute(sa.insert(privacy_restriction).values(**values))


async def restrictions_of(tx: Tx, request_id: RequestId) -> Sequence[Restriction]:
    """The last step about each thing, in the order in which they were taken."""
    return (await restrictions(tx, [request_id])).get(request_id, ())


async def restrictions(tx: Tx, request_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Restriction]]:
    """The same for several requests; those without any are left out."""
    last = (
        sa.select(privacy_restriction)
        .ext(distinct_on(_R.request_id, _R.what))
        .where(_R.request_id.in_(request_ids))
        .order_by(_R.request_id, _R.what, _R.number.desc())
    )
    found: dict[UUID, list[Restriction]] = {}
    for row in (await tx.execute(last)).mappings() if request_ids else ():
        found.setdefault(row["request_id"], []).append(_restriction(row))
    return {request_id: sorted(steps, key=lambda step: step.number) for request_id, steps in found.items()}


async def last_number(tx: Tx, request_id: RequestId) -> int:
    """How many steps were taken; 0 where nothing was ever decided."""
    return await tx.scalar(sa.select(sa.func.max(_R.number)).where(_R.request_id == request_id)) or 0


def _restriction(row: Any) -> Restriction:
    values: dict[str, Any] = {name: value for name, value in row.items() if name != "reason"}
    values |= {"ground": Ground(row["ground"]), "step": Step(row["step"])}
    return Restriction(**values)
