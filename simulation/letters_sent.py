"""Letters after a year: each goes out once, and what is on record of it is what the mail server knows (E39)."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx

_LETTERS: Final = "SELECT id, kind, state FROM mail"


async def sent_once(tx: Tx, handed: Mapping[UUID, int]) -> tuple[str, list[str]]:
    """`handed` counts how often each was handed over. Of whoever was erased meanwhile there may be none on record."""
    rows = (await tx.execute(sa.text(_LETTERS))).all()
    broken = [f"letter {each} went out {many} times" for each, many in handed.items() if many > 1]
    for row in rows:
        if (row.state == "sent") != (row.id in handed):
            went = "went out" if row.id in handed else "never went out"
            broken.append(f"letter {row.id} ({row.kind}) is {row.state} and {went}")
        elif row.state in {"waiting", "sending"}:
            broken.append(f"letter {row.id} ({row.kind}) was left lying")
    return f"{len(rows)} letters on record, {len(handed)} went out", broken
