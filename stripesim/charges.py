"""Charges: what moved, or was refused. They are made by confirming a PaymentIntent."""

from stripesim.endpoints import Answer, Call, Endpoint
from stripesim.objects import PAGING, listing
from stripesim.search import search


def retrieve(call: Call) -> Answer:
    return call.tx.require("charge", call.path["charge"])


def update(call: Call) -> Answer:
    before = call.tx.require("charge", call.path["charge"])
    given = {"description": call.form.text("description")} if "description" in call.form else {}
    after = call.tx.put({**before, **given, "metadata": call.form.metadata(before["metadata"])})
    call.tx.emit("charge.updated", after)
    return after


def page(call: Call) -> Answer:
    customer = call.form.text("customer")
    if "payment_intent" not in call.form:
        return listing(call, "charge", tie="customer")
    return listing(call, "charge", tie="payment_intent", keep=lambda body: customer in {None, body["customer"]})


def found(call: Call) -> Answer:
    return search(call, "charge")


ENDPOINTS = (
    Endpoint(method="GET", path="/v1/charges", run=page, takes=PAGING | {"customer", "payment_intent"}),
    Endpoint(method="GET", path="/v1/charges/search", run=found, takes=("expand", "limit", "page", "query")),
    Endpoint(method="GET", path="/v1/charges/{charge}", run=retrieve, takes=("expand",)),
    Endpoint(method="POST", path="/v1/charges/{charge}", run=update, takes=("description", "expand", "metadata")),
)
