"""Disputes, as they are read, answered and given up."""

from stripesim.disputing import EVIDENCE, answered, check_open, is_inquiry, settle
from stripesim.endpoints import Answer, Call, Endpoint
from stripesim.objects import PAGING, listing
from stripesim.world import Object


def retrieve(call: Call) -> Answer:
    return call.tx.require("dispute", call.path["dispute"], param="dispute")


def update(call: Call) -> Answer:
    """Evidence is sent to the bank unless `submit` says to keep it for later."""
    before = call.tx.require("dispute", call.path["dispute"], param="dispute")
    check_open(before)
    after = call.tx.put({**_with_evidence(call, before), "metadata": call.form.metadata(before["metadata"])})
    submits = call.form.boolean("submit")
    offered = "evidence" in call.form or submits is True
    if offered and submits is not False and after["evidence_details"]["has_evidence"]:
        return answered(call.tx, after)
    previous = {name: before[name] for name in ("evidence", "metadata") if before[name] != after[name]}
    if previous:
        call.tx.emit("charge.dispute.updated", after, previous_attributes=previous)
    return after


def _with_evidence(call: Call, dispute: Object) -> Object:
    given = call.form.hash("evidence")
    if given is None:
        return dispute
    given.allow(EVIDENCE)
    evidence = {**dispute["evidence"], **{name: given.text(name, longest=20_000) for name in given}}
    there = any(evidence[name] is not None for name in EVIDENCE)
    return {**dispute, "evidence": evidence, "evidence_details": {**dispute["evidence_details"], "has_evidence": there}}


def close(call: Call) -> Answer:
    """Give up: lost, or for an inquiry just over."""
    dispute = call.tx.require("dispute", call.path["dispute"], param="dispute")
    check_open(dispute)
    after = settle(call.tx, dispute, "warning_closed" if is_inquiry(dispute) else "lost")
    call.tx.emit("charge.updated", call.tx.require("charge", dispute["charge"]))
    return after


def page(call: Call) -> Answer:
    return listing(call, "dispute", tie="charge" if "charge" in call.form else "payment_intent")


ENDPOINTS = (
    Endpoint(method="GET", path="/v1/disputes", run=page, takes=PAGING | {"charge", "payment_intent"}),
    Endpoint(method="GET", path="/v1/disputes/{dispute}", run=retrieve, takes=("expand",)),
    Endpoint(
        method="POST", path="/v1/disputes/{dispute}", run=update, takes=("evidence", "expand", "metadata", "submit")
    ),
    Endpoint(method="POST", path="/v1/disputes/{dispute}/close", run=close, takes=("expand",)),
)
