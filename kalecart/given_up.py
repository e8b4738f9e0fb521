"""Tasks that were given up because something outside did not answer, and begin anew now that it does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from kalecart.database import Pg, Tx

_GIVEN_UP: Final = "state = 'dead' AND topic = ANY ({topics}) AND last_error = ANY ({errors})"


async def any_given_up(pg: Pg, topics: Sequence[str], errors: Sequence[str]) -> bool:
    """Whether a task of these topics ended with one of these errors."""
    condition = _GIVEN_UP.format(topics="$1::text[]", errors="$2::text[]")
    return await pg.fetchval(f"SELECT EXISTS (SELECT FROM task WHERE {condition})", list(topics), list(errors))  # noqa: S608  # from constants


_REVIVE: Final = sa.text(f"""
    WITH given_up AS (
        SELECT id FROM task WHERE {_GIVEN_UP.format(topics=":topics", errors=":errors")}
         ORDER BY ended_at LIMIT :most FOR UPDATE SKIP LOCKED
    )
    UPDATE task SET state = 'pending', attempts = 0, unanswered = 0, lapses = 0, due_at = :now, pushed_at = NULL,
                    pushes = 0, ended_at = NULL
      FROM given_up WHERE task.id = given_up.id
""").bindparams(  # noqa: S608  # from constants
    sa.bindparam("now", type_=sa.DateTime(timezone=True)),
    sa.bindparam("topics", type_=ARRAY(sa.Text)),
    sa.bindparam("errors", type_=ARRAY(sa.Text)),
)


async def revive(tx: Tx, topics: Sequence[str], errors: Sequence[str], *, most: int, now: datetime) -> int:
    """Begin given up tasks anew, the longest dead first; returns how many. Their alerts stay until they are done."""
    given = {"topics": list(topics), "errors": list(errors), "most": most, "now": now}
    return (await tx.execute(_REVIVE, given)).rowcount


_CLOSE_ANSWERED: Final = sa.text("""
    UPDATE alert SET resolved_at = :now FROM task
     WHERE alert.kind = 'dead_letter' AND alert.resolved_at IS NULL
       AND task.id = alert.subject::uuid AND task.state IN ('done', 'discarded')
""").bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))


async def close_answered(tx: Tx, *, now: datetime) -> None:
    """Resolve the alerts of given up tasks that were done after all."""
    await tx.execute(_CLOSE_ANSWERED, {"now": now})
