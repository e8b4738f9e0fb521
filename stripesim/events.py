"""Events: what was announced, kept to be read again."""

from fnmatch import fnmatchcase

from stripesim.endpoints import Answer, Call, Endpoint
from stripesim.errors import InvalidParameters
from stripesim.objects import PAGING, listing
from stripesim.world import Object, World

KEPT_S = 30 * 86_400
TYPES_MAX = 20


def as_delivered(world: World, event: Object) -> Object:
    """The event with the number of deliveries still to be made."""
    return {**event, "pending_webhooks": int(event["id"] in world.unsettled)}


def retrieve(call: Call) -> Answer:
    return as_delivered(call.tx.world, call.tx.require("event", call.path["id"]))


def page(call: Call) -> Answer:
    kind, kinds = call.form.text("type"), call.form.texts("types")
    if kind is not None and kinds:
        raise InvalidParameters("Give either type or types.", code="parameters_exclusive", param="types")
    if len(kinds) > TYPES_MAX:
        raise InvalidParameters(f"At most {TYPES_MAX} types can be asked for.", param="types")
    patterns = kinds or ([kind] if kind else ["*"])
    delivered = call.form.boolean("delivery_success")
    unsettled, since = call.tx.world.unsettled, call.tx.world.now() - KEPT_S

    def keep(event: Object) -> bool:
        wanted = any(fnmatchcase(event["type"], pattern) for pattern in patterns)
        return (
            wanted and event["created"] >= since and (delivered is None or delivered == (event["id"] not in unsettled))
        )

    answer = listing(call, "event", keep=keep)
    return {**answer, "data": [as_delivered(call.tx.world, event) for event in answer["data"]]}


ENDPOINTS = (
    Endpoint(method="GET", path="/v1/events", run=page, takes=PAGING | {"delivery_success", "type", "types"}),
    Endpoint(method="GET", path="/v1/events/{id}", run=retrieve, takes=("expand",)),
)
