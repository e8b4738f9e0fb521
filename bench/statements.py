"""How many SQL statements each process sent, as the server counted them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kalecart.database import Database

_CALLS: Final = """
    SELECT r.rolname AS role, s.query, sum(s.calls)::bigint AS calls, sum(s.total_exec_time) AS ms
      FROM pg_stat_statements AS s JOIN pg_roles AS r ON r.oid = s.userid
     WHERE r.rolname = ANY($1) GROUP BY r.rolname, s.query
"""
ROLES: Final = ("kale_web", "kale_worker", "kale_scheduler")
WORDS_MAX: Final = 90


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Statements since the count began, by role, and for each statement."""

    calls: Counter[str]
    each: Counter[tuple[str, str]]
    ms: Counter[tuple[str, str]]

    def per(self, count: int) -> dict[str, float]:
        """By role, for each of `count` checkouts."""
        return {role: round(self.calls[role] / max(count, 1), 2) for role in ROLES}

    def listed(self, count: int) -> list[dict[str, Any]]:
        """Each statement with its share, the most frequent first. The texts are the server's, without values."""
        return [
            {
                "role": role,
                "per_checkout": round(calls / max(count, 1), 3),
                "mean_ms": round(self.ms[role, query] / calls, 3),
                "statement": " ".join(query.split())[:WORDS_MAX],
            }
            for (role, query), calls in self.each.most_common()
        ]


async def begin(db: Database) -> None:
    """Start counting from nothing. Only the owner may."""
    async with db.direct() as pg:
        await pg.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        await pg.execute("SELECT pg_stat_statements_reset()")


async def sent(db: Database) -> Sent:
    async with db.direct() as pg:
        rows: list[Mapping[str, Any]] = await pg.fetch(_CALLS, list(ROLES))
    calls, each, ms = Counter[str](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in rows:
        calls[row["role"]] += row["calls"]
        each[row["role"], row["query"]] += row["calls"]
        ms[row["role"], row["query"]] += row["ms"]
    return Sent(calls=calls, each=each, ms=ms)
