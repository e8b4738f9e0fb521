"""Who may see which rows of a table they share: made anew by `migrate` where it changed, and otherwise left alone.

All processes take their work from one table. Whoever counts sees the tasks of its own queue there and no other, since
the arguments of the others are the ids of orders and of people.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from kalecart.grants import ANALYTICS, ROLES
from kalecart.jobs import KINDS

QUEUE: Final = "analytics"


def statements() -> Iterator[str]:
    """A policy is dropped and made only where its words are others: that locks the table, if for a moment."""
    others = ", ".join(role for role in ROLES if role != ANALYTICS)
    yield _policy("task_everybody", f"TO {others} USING (true) WITH CHECK (true)")
    topics = ", ".join(f"'{kind.topic}'" for kind in KINDS if kind.queue == QUEUE)
    mine = f"topic IN ({topics})"
    # The key begins with the topic, so that nobody finds out by a conflict whose work was promised.
    key = "(key = topic OR starts_with(key, topic || ':'))"
    yield _policy("task_own_queue", f"TO {ANALYTICS} USING ({mine}) WITH CHECK ({mine} AND {key})")


def _policy(name: str, words: str) -> str:
    digest = sha256(words.encode()).hexdigest()
    return f"""
        DO $body$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = 'task'::regclass AND polname = '{name}'
                              AND obj_description(oid, 'pg_policy') = '{digest}') THEN
                DROP POLICY IF EXISTS {name} ON task;
                CREATE POLICY {name} ON task {words};
                COMMENT ON POLICY {name} ON task IS '{digest}';
            END IF;
        END $body$
    """  # names of roles and topics
