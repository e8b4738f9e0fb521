"""What all of Stripe's objects share: lists by page, searches, and fields expanded from ids to objects."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import dropwhile, islice, takewhile

from stripesim.endpoints import Answer, Call
from stripesim.errors import InvalidParameters, missing
from stripesim.forms import Form
from stripesim.world import Object, Transaction, public

PAGE_DEFAULT, PAGE_MAX = 10, 100
EXPAND_DEPTH_MAX = 4
PAGING = frozenset({"created", "ending_before", "expand", "limit", "starting_after"})
# Fields that hold an id, or nothing, and may be asked for as the object itself.
EXPANDABLE = frozenset(
    {
        *("application", "application_fee", "balance_transaction", "charge", "customer", "latest_attempt"),
        *("latest_charge", "mandate", "on_behalf_of", "payment_intent", "payment_method", "review"),
        *("source_transfer_reversal", "transfer_reversal"),
    }
)
KIND_OF_PREFIX = {
    "ch": "charge",
    "cus": "customer",
    "du": "dispute",
    "mandate": "mandate",
    "pi": "payment_intent",
    "pm": "payment_method",
    "py": "charge",
    "pyr": "refund",
    "re": "refund",
    "seti": "setup_intent",
}


def listing(call: Call, kind: str, *, tie: str | None = None, keep: Callable[[Object], bool] | None = None) -> Answer:
    """A page of a kind's objects, newest first: those tied to what the parameter `tie` names, and let in by `keep`."""
    owner = None if tie is None else call.path.get(tie) or call.form.text(tie)
    span, limit, cursor = Span.read(call.form), limit_of(call.form), Cursor.read(call.form)
    cursor.check(call.tx, kind)
    page: list[Object] = []
    for body in _loaded(call.tx, kind, cursor.behind(call.tx.world.newest(kind, tied_to=owner))):
        if len(page) > limit or span.is_over(body, backwards=cursor.backwards):
            break
        tied = owner is None or body.get(tie or "") == owner
        if tied and span.holds(body) and (keep is None or keep(body)):
            page.append(body)
    found = page[:limit][::-1] if cursor.backwards else page[:limit]
    more = len(page) > limit
    return {"object": "list", "data": [public(body) for body in found], "has_more": more, "url": call.url}


def _loaded(tx: Transaction, kind: str, ids: Iterable[str]) -> Iterator[Object]:
    return (body for ident in ids if (body := tx.find(kind, ident)) is not None and not body.get("deleted"))


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """Where a page begins: after an object on the way to older ones, or before it on the way back to newer ones."""

    ident: str | None
    param: str

    @property
    def backwards(self) -> bool:
        return self.param == "ending_before"

    @classmethod
    def read(cls, form: Form) -> "Cursor":
        after, before = form.text("starting_after"), form.text("ending_before")
        if after is not None and before is not None:
            raise InvalidParameters("Give either starting_after or ending_before.", code="parameters_exclusive")
        return cls(ident=after or before, param="ending_before" if before is not None else "starting_after")

    def check(self, tx: Transaction, kind: str) -> None:
        if self.ident is not None and tx.find(kind, self.ident) is None:
            raise missing(kind, self.ident, param=self.param, status=400)

    def behind(self, newest: Iterator[str]) -> Iterator[str]:
        """The ids to look at, nearest to the cursor first. Those in front of it are not even loaded."""
        if self.ident is None:
            return newest
        if self.backwards:
            return reversed(list(takewhile(lambda ident: ident != self.ident, newest)))
        return islice(dropwhile(lambda ident: ident != self.ident, newest), 1, None)


@dataclass(frozen=True, kw_only=True)
class Span:
    first: float = 0
    last: float = float("inf")

    def holds(self, body: Object) -> bool:
        return self.first <= body["created"] <= self.last

    def is_over(self, body: Object, *, backwards: bool) -> bool:
        """Whether all that follows is outside: objects are kept in the order in which they were made."""
        return body["created"] > self.last if backwards else body["created"] < self.first

    @classmethod
    def read(cls, form: Form) -> "Span":
        if not any(name == "created" for name in form):
            return cls()
        try:
            at = form.integer("created")
        except InvalidParameters:
            at = None
        if at is not None:
            return cls(first=at, last=at)
        inner = form.hash("created")
        if inner is None:
            return cls()
        inner.allow(("gt", "gte", "lt", "lte"))
        after, least, before, most = (inner.integer(name) for name in ("gt", "gte", "lt", "lte"))
        firsts = [after + 1 if after is not None else 0, least or 0]
        lasts = [before - 1 if before is not None else float("inf"), most if most is not None else float("inf")]
        return cls(first=max(firsts), last=min(lasts))


def limit_of(form: Form) -> int:
    limit = form.integer("limit")
    if limit is None:
        return PAGE_DEFAULT
    if not 1 <= limit <= PAGE_MAX:
        raise InvalidParameters(f"A page has 1 to {PAGE_MAX} objects.", param="limit")
    return limit


def expand(tx: Transaction, answer: Answer, paths: Iterable[str]) -> Answer:
    """The answer with the fields named by `expand[]` replaced by the objects whose ids they hold."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > EXPAND_DEPTH_MAX:
            raise InvalidParameters("A property may be expanded four levels deep.", param="expand")
        _expand(tx, answer, steps, path)
    return answer


def _expand(tx: Transaction, body: Answer, steps: list[str], path: str) -> None:
    step, *rest = steps
    if step == "data" and body.get("object") in {"list", "search_result"} and rest:
        for item in body["data"]:
            _expand(tx, item, rest, path)
        return
    if step == "refunds" and body.get("object") == "charge":
        body[step] = _refunds(tx, body["id"])
    elif step not in body or not (step in EXPANDABLE or (rest and isinstance(body[step], dict))):
        raise InvalidParameters(f"This property cannot be expanded ({path}).", param="expand")
    elif isinstance(body[step], str):
        body[step] = public(tx.find(KIND_OF_PREFIX[body[step].partition("_")[0]], body[step]) or {})
    if rest and isinstance(body[step], dict):
        _expand(tx, body[step], rest, path)


def _refunds(tx: Transaction, charge: str) -> Answer:
    data = [public(body) for body in _loaded(tx, "refund", tx.world.newest("refund", tied_to=charge))]
    url = f"/v1/charges/{charge}/refunds"
    return {"object": "list", "data": data[:PAGE_DEFAULT], "has_more": len(data) > PAGE_DEFAULT, "url": url}
