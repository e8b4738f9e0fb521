"""What staff asked in a year, held against what it could pay for (C6, E75, E76)."""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from kalecart.analytics.budget import QUESTIONS_A_YEAR
from kalecart.database import Tx

_ASKED: Final = """
    SELECT r.key, left(r.envelope_id, 9) = 'question:' AS paid_for, split_part(r.envelope_id, ':', 2) AS year,
           a.key IS NOT NULL AS answered
      FROM release AS r LEFT JOIN release_answer AS a ON a.key = r.key WHERE r.kind = 'share'
"""


async def asked_rightly(tx: Tx, paid: Mapping[int, set[str]], spent: Mapping[int, int]) -> tuple[str, list[str]]:
    """`paid` are the questions that were let through, by year, `spent` how many were refused for want of budget."""
    rows = (await tx.execute(sa.text(_ASKED))).all()
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.year, set()).add(row.key)
    broken = [f"{row.key} was not answered" for row in rows if not row.answered]
    broken += [f"{row.key} was paid for by another budget" for row in rows if not row.paid_for]
    known = {str(year): keys for year, keys in paid.items()}
    for year in {**found, **known}:
        if found.get(year, set()) != known.get(year, set()):
            broken.append(f"what was asked in {year} is not what is on record")
    broken += [f"{len(keys)} questions in {year}" for year, keys in found.items() if len(keys) > QUESTIONS_A_YEAR]
    for year, many in spent.items():
        if len(found.get(str(year), set())) < QUESTIONS_A_YEAR:
            broken.append(f"{many} questions of {year} were refused before it had spent its budget")
    return f"{len(rows)} questions answered, {sum(spent.values())} refused as the year's were spent", broken
