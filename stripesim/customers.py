"""Customers: a person who pays, by whatever the shop tells of them."""

from stripesim.endpoints import Answer, Call, Endpoint
from stripesim.errors import missing
from stripesim.objects import PAGING, listing
from stripesim.payment_methods import attach
from stripesim.people import address, shipping
from stripesim.world import Object, new_id, public

DESCRIBED = frozenset({"address", "description", "email", "expand", "metadata", "name", "phone", "shipping"})
TEXTS = ("description", "email", "name", "phone")


def create(call: Call) -> Answer:
    customer = {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": address(call.form.hash("address")),
        "balance": 0,
        "created": call.tx.created,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        **{name: call.form.text(name) for name in TEXTS},
        "discount": None,
        "invoice_prefix": new_id("", 8).removeprefix("_").upper(),
        "invoice_settings": dict.fromkeys(("custom_fields", "default_payment_method", "footer", "rendering_options")),
        "livemode": False,
        "metadata": call.form.metadata(),
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "shipping": shipping(call.form.hash("shipping")),
        "tax_exempt": "none",
        "test_clock": None,
    }
    call.tx.put(customer)
    call.tx.emit("customer.created", customer)
    if method := call.form.text("payment_method"):
        attach(call.tx, method, customer["id"])
    return customer


def retrieve(call: Call) -> Answer:
    customer = call.tx.find("customer", call.path["customer"])
    if customer is None:
        raise missing("customer", call.path["customer"])
    return customer


def update(call: Call) -> Answer:
    before = call.tx.require("customer", call.path["customer"])
    given: Object = {name: call.form.text(name) for name in TEXTS if name in call.form}
    if "address" in call.form:
        given["address"] = address(call.form.hash("address"))
    if "shipping" in call.form:
        given["shipping"] = shipping(call.form.hash("shipping"))
    after = call.tx.put({**before, **given, "metadata": call.form.metadata(before["metadata"])})
    previous = {name: before[name] for name in after if before[name] != after[name]}
    if previous:
        call.tx.emit("customer.updated", after, previous_attributes=previous)
    return after


def delete(call: Call) -> Answer:
    """Gone for good, and the cards with it; what was paid stays."""
    before = call.tx.require("customer", call.path["customer"])
    gone = call.tx.put({"id": before["id"], "object": "customer", "deleted": True})
    for ident in call.tx.world.newest("payment_method", tied_to=before["id"]):
        method = call.tx.require("payment_method", ident)
        if method["customer"] == before["id"]:
            call.tx.put({**method, "customer": None, "_spent": True})
    call.tx.emit("customer.deleted", before)
    return gone


def page(call: Call) -> Answer:
    email = call.form.text("email")
    return listing(call, "customer", keep=lambda body: email is None or body["email"] == email)


def method_page(call: Call) -> Answer:
    call.tx.require("customer", call.path["customer"])
    kind = call.form.text("type")
    return listing(call, "payment_method", tie="customer", keep=lambda body: kind in {None, body["type"]})


def method(call: Call) -> Answer:
    found = call.tx.require("payment_method", call.path["payment_method"])
    if found["customer"] != call.path["customer"]:
        raise missing("payment_method", found["id"])
    return public(found)


ENDPOINTS = (
    Endpoint(method="POST", path="/v1/customers", run=create, takes=DESCRIBED | {"payment_method"}),
    Endpoint(method="GET", path="/v1/customers", run=page, takes=PAGING | {"email"}),
    Endpoint(method="GET", path="/v1/customers/{customer}", run=retrieve, takes=("expand",)),
    Endpoint(method="POST", path="/v1/customers/{customer}", run=update, takes=DESCRIBED),
    Endpoint(method="DELETE", path="/v1/customers/{customer}", run=delete),
    Endpoint(
        method="GET",
        path="/v1/customers/{customer}/payment_methods",
        run=method_page,
        takes=(PAGING | {"type"}) - {"created"},
    ),
    Endpoint(
        method="GET", path="/v1/customers/{customer}/payment_methods/{payment_method}", run=method, takes=("expand",)
    ),
)
