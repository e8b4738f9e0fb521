"""What the page *How we keep these promises* shows of a running shop."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.openness.figures import MEASURES, Figure, shown

# One statement for all figures: the page is public, and each is a look at a table or an index.
_MEASURED: Final = sa.text(
    "SELECT " + ", ".join(f"({measure.sql}) AS m{number}" for number, measure in enumerate(MEASURES))
).bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))


async def figures(tx: Tx, *, now: datetime) -> Sequence[Figure]:
    """Every figure at one instant."""
    counts = (await tx.execute(_MEASURED, {"now": now})).one()
    return [shown(measure, count) for measure, count in zip(MEASURES, counts, strict=True)]
