"""What must be true of money at any moment, each as a name, a sentence, and the SQL that finds its exceptions.

Every statement returns `id`: of an order unless the sentence is about something else. `:now` is the present, and
`:since` leaves out what is older than anybody wants to know. Rows that belong together are written together, so in one
snapshot nothing is half done; where a rule needs time, its sentence says how much.
"""

from dataclasses import dataclass
from typing import Final

from kalecart.payments.dispute import INQUIRIES


@dataclass(frozen=True, kw_only=True)
class Invariant:
    """`name` is a code, for alerts and metrics; `sentence` is what is true while it holds."""

    name: str
    sentence: str
    sql: str

    @property
    def alert(self) -> str:
        """The kind of alert that is open while it is broken."""
        return f"invariant:{self.name}"


# Statuses of a dispute in which the bank does not have the money.
_NOT_TAKEN: Final = ", ".join(f"'{status}'" for status in sorted({*INQUIRIES, "won"}))

INVARIANTS: Final = (
    Invariant(
        name="paid_means_charged",
        sentence="An order is paid exactly where its payment succeeded and the ledger holds a charge of its total.",
        sql="""
            SELECT o.id FROM customer_order AS o
         LEFT JOIN payment_intent AS i ON i.order_id = o.id
         LEFT JOIN ledger_entry AS c ON c.order_id = o.id AND c.kind = 'charge'
             WHERE o.placed_at >= :since
               AND ((o.paid_at IS NOT NULL) <> coalesce(i.status = 'succeeded', false)
                    OR (o.paid_at IS NOT NULL) <> (c.id IS NOT NULL) OR c.amount_cents <> o.total_cents)
        """,
    ),
    Invariant(
        name="charged_once",
        sentence="No order was charged twice.",
        sql="""
            SELECT order_id AS id FROM attempt WHERE state = 'succeeded' AND sent_at >= :since
             GROUP BY order_id HAVING count(*) > 1
             UNION ALL
            SELECT order_id FROM ledger_entry WHERE kind = 'charge' AND at >= :since
             GROUP BY order_id HAVING count(*) > 1
        """,
    ),
    Invariant(
        name="costs_what_its_lines_cost",
        sentence="An order's goods cost what its lines cost.",
        sql="""
            SELECT o.id FROM customer_order AS o
         LEFT JOIN (SELECT order_id, sum(quantity * unit_price_cents) AS cents FROM order_line GROUP BY 1) AS l
                ON l.order_id = o.id
             WHERE o.placed_at >= :since AND o.goods_cents IS DISTINCT FROM l.cents
        """,
    ),
    Invariant(
        name="refunds_within_charge",
        sentence="Nothing goes back that was not taken: an order's refunds are at most its charge.",
        sql="""
            SELECT r.order_id AS id
              FROM (SELECT order_id, sum(amount_cents) AS cents FROM refund WHERE state <> 'failed' GROUP BY 1
                     UNION ALL
                    SELECT order_id, -sum(amount_cents) FROM ledger_entry
                     WHERE kind IN ('refund', 'refund_back') GROUP BY 1) AS r
         LEFT JOIN ledger_entry AS c ON c.order_id = r.order_id AND c.kind = 'charge'
             WHERE r.cents > coalesce(c.amount_cents, 0)
        """,
    ),
    Invariant(
        name="refunds_are_booked",
        sentence="A refund is in the ledger exactly while its money is gone. (Exceptions are refunds.)",
        sql="""
            SELECT r.id::text AS id FROM refund AS r
         LEFT JOIN ledger_entry AS e ON e.stripe_id = r.stripe_id AND e.kind IN ('refund', 'refund_back')
             GROUP BY r.id
            HAVING coalesce(-sum(e.amount_cents), 0)
                   <> CASE WHEN r.state IN ('pending', 'succeeded') THEN r.amount_cents ELSE 0 END
             UNION ALL
            SELECT e.stripe_id FROM ledger_entry AS e
             WHERE e.kind IN ('refund', 'refund_back')
               AND NOT EXISTS (SELECT FROM refund AS r WHERE r.stripe_id = e.stripe_id)
        """,
    ),
    Invariant(
        name="disputes_are_booked",
        sentence="A dispute is in the ledger exactly while the bank has the money. (Exceptions are disputes.)",
        sql=f"""
            SELECT d.stripe_id AS id FROM dispute AS d
         LEFT JOIN ledger_entry AS e ON e.stripe_id = d.stripe_id AND e.kind IN ('dispute', 'dispute_back')
             GROUP BY d.stripe_id
            HAVING coalesce(-sum(e.amount_cents), 0)
                   <> CASE WHEN d.status IN ({_NOT_TAKEN}) THEN 0 ELSE d.amount_cents END
             UNION ALL
            SELECT e.stripe_id FROM ledger_entry AS e
             WHERE e.kind IN ('dispute', 'dispute_back')
               AND NOT EXISTS (SELECT FROM dispute AS d WHERE d.stripe_id = e.stripe_id)
        """,  # noqa: S608  # built from constants only
    ),
    Invariant(
        name="cancelled_means_settled",
        sentence="Five minutes after an order was cancelled no money of it is here, nor can be taken: it went back, is "
        "on its way, or somebody was told.",
        sql="""
            SELECT o.id FROM customer_order AS o
         LEFT JOIN payment_intent AS i ON i.order_id = o.id
         LEFT JOIN (SELECT order_id, sum(amount_cents) AS kept,
                           max(stripe_id) FILTER (WHERE kind = 'charge') AS charge FROM ledger_entry GROUP BY 1) AS l
                ON l.order_id = o.id
             WHERE o.status = 'cancelled' AND o.cancelled_at < :now - interval '5 minutes'
               AND o.placed_at >= :since
               AND (coalesce(i.status, 'canceled') NOT IN ('succeeded', 'canceled', 'processing') OR l.kept > 0
                    AND NOT EXISTS (SELECT FROM refund AS r WHERE r.order_id = o.id
                                       AND r.state IN ('open', 'unknown', 'failed')))
               AND NOT EXISTS (SELECT FROM task AS t WHERE t.state IN ('pending', 'running', 'dead')
                                  AND t.key IN ('settle_cancellation:' || o.id || ':' || 'cancelled',
                                                'settle_cancellation:' || o.id || ':' || 'declined',
                                                'settle_cancellation:' || o.id || ':' || l.charge))
        """,
    ),
    Invariant(
        name="nobody_is_forgotten",
        sentence="An unpaid order waits for its task, its customer or its bank, and never for nothing.",
        sql="""
            SELECT o.id FROM customer_order AS o LEFT JOIN payment_intent AS i ON i.order_id = o.id
             WHERE o.status = 'placed' AND o.paid_at IS NULL AND o.placed_at >= :since
               AND coalesce(i.status, 'begun') IN ('begun', 'created')
               AND NOT EXISTS (SELECT FROM generate_series(1, 20) AS n
                                 JOIN task AS t ON t.key = 'charge_order:' || o.id || ':' || n
                                WHERE t.state IN ('pending', 'running', 'dead'))
        """,
    ),
    Invariant(
        name="refunds_are_sent",
        sentence="A refund that Stripe has not taken waits for its task. (Exceptions are refunds.)",
        sql="""
            SELECT r.id FROM refund AS r
             WHERE r.state IN ('open', 'unknown')
               AND NOT EXISTS (SELECT FROM task AS t WHERE t.key = 'send_refund:' || r.id
                                  AND t.state IN ('pending', 'running', 'dead'))
        """,
    ),
    Invariant(
        name="tries_end",
        sentence="No try is open where the payment is over.",
        sql="""
            SELECT a.order_id AS id FROM attempt AS a JOIN payment_intent AS i ON i.order_id = a.order_id
             WHERE a.state IN ('open', 'unknown') AND i.status IN ('succeeded', 'canceled')
        """,
    ),
    Invariant(
        name="tasks_are_in_time",
        sentence="No task is five minutes late, and no dead worker's task waits longer than one. (Exceptions are "
        "tasks; a topic that is paused may wait.)",
        sql="""
            SELECT id FROM task
             WHERE (state = 'pending' AND due_at < :now - interval '5 minutes'
                    AND topic NOT IN (SELECT topic FROM paused_topic)
                    OR state = 'running' AND lease_until < :now - interval '1 minute')
        """,
    ),
    Invariant(
        name="dead_letters_are_told",
        sentence="Nothing was given up without telling somebody. (Exceptions are tasks.)",
        sql="""
            SELECT t.id FROM task AS t
             WHERE t.state = 'dead'
               AND NOT EXISTS (SELECT FROM alert AS a WHERE a.kind = 'dead_letter' AND a.subject = t.id::text)
        """,
    ),
    Invariant(
        name="events_are_settled",
        sentence="Whatever Stripe told us is in the books, or promised to be. (Exceptions are events.)",
        sql="""
            SELECT event_id AS id FROM inbox
             WHERE settled_at IS NULL
               AND NOT EXISTS (SELECT FROM task AS t WHERE t.key = 'settle_event:' || event_id
                                  AND t.state IN ('pending', 'running', 'dead'))
        """,
    ),
    Invariant(
        name="windows_add_up",
        sentence="As many places of a delivery window are taken as orders stand for it. (Exceptions are windows.)",
        sql="""
            SELECT w.id FROM delivery_window AS w
         LEFT JOIN (SELECT window_id, count(*) AS orders FROM customer_order WHERE status <> 'cancelled'
                     GROUP BY 1) AS o ON o.window_id = w.id
             WHERE w.starts_at >= :since AND w.taken <> coalesce(o.orders, 0)
        """,
    ),
)
