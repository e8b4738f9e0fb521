"""What happened in a year, without a number or a letter that chance made: the same year has the same digest."""

import hashlib
from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from kalecart.database import Tx

# Instants, states and cents. Ids are random, and so is what noise makes of figures.
FACTS: Final[Mapping[str, str]] = {
    "sign-ups": "SELECT signed_up_at, source FROM customer",
    "consents": "SELECT purpose, decision, source, policy_version, decided_at FROM consent",
    "orders": """
        SELECT placed_at, status, total_cents, delivery_cents, tax_cents, paid_at, picking_at, cancelled_at
          FROM customer_order
    """,
    "order lines": """
        SELECT o.placed_at, l.sku, l.quantity, l.unit_price_cents
          FROM order_line AS l JOIN customer_order AS o ON o.id = l.order_id
    """,
    "money": "SELECT kind, amount_cents FROM ledger_entry",
    "refunds": "SELECT reason, state, amount_cents, asked_at FROM refund",
    "complaints": """
        SELECT channel, received_at, due_at, answered_at, explained_at, against IS NOT NULL AS against,
               previous_id IS NOT NULL AS continues FROM complaint
    """,
    "steps": """
        SELECT c.received_at, s.step, s.due_at, s.happened_at
          FROM complaint_step AS s JOIN complaint AS c ON c.id = s.complaint_id
    """,
    "answers": "SELECT channel, signed_at, sent_at, bounced_at FROM complaint_answer",
    "letters": "SELECT kind, state, sent_at, returned_at FROM mail",
    "what left": "SELECT recipient, ground, at FROM disclosure",
    "requests": "SELECT kind, channel, received_at, due_at, verified_at, answered_at, refused_at FROM privacy_request",
    "packages": "SELECT snapshot_at, made_at, expires_at FROM privacy_package",
    "erasures": "SELECT begun_at, ended_at FROM erasure",
    "policy": "SELECT version, effective_on, published_at FROM policy_version",
    "trainings": "SELECT held_on, expires_at FROM training",
    "designations": "SELECT scope, starts_at, ends_at, revoked_at FROM designation",
    "surveys": "SELECT state, opens_on, closes_on FROM survey",
    "survey answers": """
        SELECT s.opens_on, q.position, a.value FROM survey_answer AS a
          JOIN survey_question AS q ON q.id = a.question_id JOIN survey AS s ON s.id = q.survey_id
         WHERE q.kind <> 'sensitive'
    """,
    "survey figures": "SELECT period, microrho, debited_at FROM release WHERE kind = 'survey'",
    "tries": "SELECT state, sent_at, ended_at FROM attempt",
    "mail read": "SELECT outcome, read_at FROM inbound_message",
    "lines of reviews": "SELECT kind, what, outcome, decided_at FROM access_review_line",
    "findings": "SELECT clause, severity, follow_up_by, state, closed_at FROM audit_finding",
    "papers": "SELECT what, filed_at, keep_until, shredded_at, early FROM paper_item",
    "holds": "SELECT placed_at, lifted_at FROM legal_hold",
    "slots": "SELECT job, slot, ran_at FROM timed_run",
}


async def counted(tx: Tx) -> Mapping[str, int]:
    """How much there is of each kind of fact."""
    return {what: len((await tx.execute(sa.text(sql))).all()) for what, sql in FACTS.items()}


async def digest(tx: Tx) -> str:
    """Of all facts, in an order that their ids have no part in."""
    told = hashlib.sha256()
    for what, sql in FACTS.items():
        told.update(what.encode())
        for line in sorted(repr(tuple(row)) for row in await tx.execute(sa.text(sql))):
            told.update(line.encode() + b"\n")
    return told.hexdigest()[:16]
