"""Events: what was announced, kept to be read again."""

from fnmatch import fnmatchcase

from stripesim.endpoints import Answer, Call, Endpoint
from stripesim.objects import PAGING, listing
from stripesim.world import Object, World


def as_delivered(world: World, event: Object) -> Object:
    """The event with the number of deliveries still to be made."""
    return {**event, "pending_webhooks": int(event["id"] in world.unsettled)}


def retrieve(call: Call) -> Answer:
    return as_delivered(call.tx.world, call.tx.require("event", call.path["id"]))


def page(call: Call) -> Answer:
    kind, kinds = call.form.text("type"), call.form.texts("types")
    patterns = kinds or ([kind] if kind else ["*"])
    delivered = call.form.boolean("delivery_success")
    unsettled = call.tx.world.unsettled

    def keep(event: Object) -> bool:
        wanted = any(fnmatchcase(event["type"], pattern) for pattern in patterns)
        return wanted and (delivered is None or delivered == (event["id"] not in unsettled))

    answer = listing(call, "event", keep=keep)
    return {**answer, "data": [as_delivered(call.tx.world, event) for event in answer["data"]]}


ENDPOINTS = (
    Endpoint(method="GET", path="/v1/events", run=page, takes=PAGING | {"delivery_success", "type", "types"}),
    Endpoint(method="GET", path="/v1/events/{id}", run=retrieve, takes=("expand",)),
)
