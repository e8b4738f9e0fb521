"""Paper after a year: nothing was shredded before its day, under a hold or without a witness, and late is told (C8)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.paper.item import PaperId
from kalecart.privacy.retention import ON_RECORD

# A hold is on from when it was placed until it is lifted.
_PAPERS: Final = """
    SELECT p.id, p.what, p.keep_until, p.shredded_at, p.shredded_by, p.witness, p.early,
           EXISTS (SELECT FROM legal_hold AS h WHERE h.customer_id = p.customer_id
                      AND h.placed_at <= coalesce(p.shredded_at, :now)
                      AND (h.lifted_at > coalesce(p.shredded_at, :now)) IS NOT FALSE) AS held,
           (SELECT count(*) FROM staff AS s WHERE s.id IN (p.shredded_by, p.witness)
               AND s.joined_at <= p.shredded_at AND (s.left_at > p.shredded_at) IS NOT FALSE) AS pairs_of_eyes,
           (SELECT count(*) FROM audit_entry AS a WHERE a.act = 'paper_shredded' AND a.subject = p.id::text) AS told,
           EXISTS (SELECT FROM vault.tombstone AS t WHERE t.person_id = p.id AND t.scope = 'paper') AS stone
      FROM paper_item AS p
"""
_UNKEPT: Final = """
    SELECT c.id::text FROM cabinet AS c
     WHERE EXISTS (SELECT FROM paper_item AS p WHERE p.cabinet_id = c.id AND p.shredded_at IS NULL)
       AND (SELECT s.left_at <= :now FROM cabinet_key AS k JOIN staff AS s ON s.id = k.staff_id
             WHERE k.cabinet_id = c.id ORDER BY k.at DESC, k.id DESC LIMIT 1)
"""
_ALERTS: Final = """
    SELECT kind, subject FROM alert WHERE kind IN ('paper_due', 'cabinet_unkept') AND resolved_at IS NULL
"""


async def papers_kept(
    tx: Tx, filed: Collection[PaperId], shredded: Mapping[PaperId, datetime], *, now: datetime
) -> tuple[str, list[str]]:
    """`filed` are those that people put away by themselves; what came as a complaint is there as well. What was
    shredded long ago is on record no longer."""
    moment = sa.bindparam("now", now, sa.DateTime(timezone=True))
    rows = (await tx.execute(sa.text(_PAPERS).bindparams(moment))).all()
    broken = [f"a paper ({row.what}) {what}" for row in rows for what in _wrong(row, shredded.get(row.id))]
    forgotten = {paper for paper, at in shredded.items() if at < now - ON_RECORD}
    missing = set(filed) - forgotten - {row.id for row in rows}
    broken += [f"{len(missing)} papers are in no register"] if missing else []
    lying = [row for row in rows if row.shredded_at is None]
    due = [row for row in lying if row.keep_until <= now and not row.held]
    alerts = (await tx.execute(sa.text(_ALERTS))).all()
    if bool(due) != any(row.kind == "paper_due" for row in alerts):
        broken.append(f"{len(due)} papers are due, and {'nothing' if due else 'an alert'} says so")
    unkept = set(await tx.scalars(sa.text(_UNKEPT).bindparams(moment)))
    shown = {row.subject for row in alerts if row.kind == "cabinet_unkept"}
    if unkept != shown:
        broken.append(f"{len(unkept)} cabinets have no key and {len(shown)} alerts")
    held = sum(row.held for row in lying)
    return f"{len(rows)} papers, {len(rows) - len(lying)} shredded, {len(due)} due, {held} under a hold", broken


def _wrong(row: Any, done_at: datetime | None) -> Iterable[str]:
    if row.shredded_at != done_at:
        yield f"was shredded at {row.shredded_at}, and people say {done_at}"
    if row.shredded_at is None:
        return
    if row.held:
        yield "was shredded under a hold"
    if row.pairs_of_eyes != 2:  # noqa: PLR2004  # who does it, and who sees it
        yield f"was shredded before {row.pairs_of_eyes} pairs of eyes"
    if row.early is None and row.shredded_at < row.keep_until:
        yield "was shredded before its day"
    if row.told != 1:
        yield f"was shredded and is told {row.told} times"
    if not row.stone:
        yield "was shredded and has no stone"
