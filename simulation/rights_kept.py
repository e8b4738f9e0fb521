"""Requests and erasures after a year: each fulfilled once, for nobody else, and whoever was erased is gone (C10)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.ids import CustomerId, RequestId
from stripesim.world import World

# A letter that finds nobody comes back within so many days, by e-mail and by post: the answer in it was none. An hour
# later somebody has looked.
COMES_BACK: Final = {"mail": timedelta(days=7, hours=2), "post": timedelta(days=21, hours=2)}

_GONE: Final = {"deleted": True}
_REQUESTS: Final = """
    SELECT asked.id, r.id IS NULL AS missing, r.erased_at IS NOT NULL OR r.joined_id IS NOT NULL AS over,
           r.review_at IS NOT NULL OR r.answered_at IS NOT NULL OR r.refused_at IS NOT NULL AS worked_on,
           (SELECT count(*) FROM privacy_package WHERE request_id = asked.id) AS packages,
           (SELECT count(*) FROM disclosure AS d JOIN privacy_package AS p ON d.reference = p.id::text
             WHERE p.request_id = asked.id AND d.recipient = 'download') AS taken
      FROM unnest(CAST(:asked AS uuid[])) AS asked (id) LEFT JOIN privacy_request AS r ON r.id = asked.id
"""
_STRANGERS: Final = """
    SELECT r.id FROM privacy_request AS r JOIN privacy_package AS p ON p.request_id = r.id WHERE r.verified_at IS NULL
"""
# What is in the way of an erasure, by what the shop has and not by what it wrote down that it waits for.
_ERASED: Final = """
    SELECT gone.id, e.id IS NULL AS unbegun, e.ended_at,
           EXISTS (SELECT FROM customer_order AS o WHERE o.customer_id = gone.id
                      AND (o.status IN ('placed', 'paid', 'picking')
                           OR EXISTS (SELECT FROM dispute AS d WHERE d.order_id = o.id AND d.closed_at IS NULL)
                           OR EXISTS (SELECT FROM refund AS f WHERE f.order_id = o.id
                                         AND f.state IN ('open', 'unknown', 'pending'))
                           OR EXISTS (SELECT FROM payment_intent AS i WHERE i.order_id = o.id
                                         AND o.status = 'cancelled' AND i.status = 'processing')))
           OR EXISTS (SELECT FROM legal_hold AS h WHERE h.customer_id = gone.id AND h.lifted_at IS NULL)
           OR EXISTS (SELECT FROM complaint AS c WHERE c.customer_id = gone.id
                         AND (c.answered_at IS NULL OR EXISTS (
                             SELECT FROM complaint_answer AS a WHERE a.complaint_id = c.id AND a.bounced_at IS NULL
                                AND a.sent_at > CASE a.channel WHEN 'post' THEN :post ELSE :mail END))) AS waits,
           EXISTS (SELECT FROM vault.data_key AS k WHERE k.customer_id = gone.id) AS readable,
           EXISTS (SELECT FROM vault.tombstone AS t WHERE t.person_id = gone.id) AS stone,
           greatest(length(c.email_sealed), length(c.name_sealed), length(c.phone_sealed),
                    length(c.stripe_customer_id), length(c.password_hash)) > 0
           OR EXISTS (SELECT FROM address AS a WHERE a.customer_id = gone.id AND length(a.sealed) > 0)
           OR EXISTS (SELECT FROM session AS s WHERE s.customer_id = gone.id)
           OR EXISTS (SELECT FROM pseudonym AS p WHERE p.customer_id = gone.id) AS found
      FROM unnest(CAST(:erased AS uuid[])) AS gone (id) LEFT JOIN customer AS c ON c.id = gone.id
      LEFT JOIN erasure AS e ON e.customer_id = gone.id
"""


async def fulfilled_once(
    tx: Tx, asked: Sequence[RequestId], taken: Mapping[RequestId, int]
) -> tuple[str, Sequence[str]]:
    """Of whoever proved who they are; who was erased meanwhile has nothing left to get. `taken` counts what its people
    fetched."""
    rows = (await tx.execute(sa.text(_REQUESTS), {"asked": asked})).all()
    broken = [f"request {row.id} {what}" for row in rows for what in _unfulfilled(row, taken.get(row.id, 0))]
    strangers = (await tx.execute(sa.text(_STRANGERS))).scalars()
    broken += [f"request {each} was fulfilled, and nobody showed that it was them" for each in strangers]
    return f"{len(rows)} requests, {sum(taken.values())} fetched", broken


def _unfulfilled(row: Any, taken: int) -> Iterable[str]:
    if row.missing:
        yield "is on no record"
    elif not row.over:
        if row.packages != 1:
            yield f"has {row.packages} packages"
        if not row.worked_on:
            yield "was left lying"
        if row.taken != taken:
            yield f"was fetched {taken} times and is told {row.taken} times"


async def erased_rightly(
    tx: Tx, erased: Sequence[CustomerId], at_stripe: Mapping[CustomerId, str], world: World, *, now: datetime
) -> tuple[str, Sequence[str]]:
    """`at_stripe` is what Stripe called them."""
    since = [sa.bindparam(how, now - takes, sa.DateTime(timezone=True)) for how, takes in COMES_BACK.items()]
    rows = (await tx.execute(sa.text(_ERASED).bindparams(*since), {"erased": erased})).all()
    known = {who for who, named in at_stripe.items() if not (world.find("customer", named) or _GONE).get("deleted")}
    broken = [f"customer {row.id} is {what}" for row in rows for what in _still_there(row, at_stripe=row.id in known)]
    waiting = sum(row.waits for row in rows)
    return f"{len(rows)} people, {waiting} of them wait for an order, a dispute or an answer", broken


def _still_there(row: Any, *, at_stripe: bool) -> Iterable[str]:
    if row.unbegun:
        yield "not erased"
    elif row.ended_at is None:
        if not row.waits:
            yield "neither erased nor waited for"
    else:
        if row.readable:
            yield "still readable"
        if not row.stone:
            yield "without a stone"
        if row.found:
            yield "still found"
        if at_stripe:
            yield "still known at Stripe"
