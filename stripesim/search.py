"""Stripe's search language: `status:'succeeded' AND metadata['order']:'42'`, over what was there a moment ago."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stripesim.endpoints import Answer, Call
from stripesim.errors import InvalidParameters
from stripesim.objects import limit_of
from stripesim.world import Object, public

CLAUSE = re.compile(
    r"""\s*(?P<not>-)?(?P<field>[a-z_]+)(\[(?P<q>['"])(?P<key>(?:(?!(?P=q)).)+)(?P=q)\])?"""
    r"""\s*(?P<sign>:|~|>=|<=|>|<)\s*(?:(?P<v>['"])(?P<text>(?:(?!(?P=v)).)*)(?P=v)|(?P<bare>null|-?\d+))\s*"""
)
JOINT = re.compile(r"(AND|OR)\s", re.IGNORECASE)
TEXT_FIELDS, NUMBER_FIELDS = frozenset({"currency", "customer", "status"}), frozenset({"amount", "created"})
CLAUSES_MAX = 10
COMPARE: dict[str, Callable[[int, int], bool]] = {
    ":": lambda a, b: a == b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}


@dataclass(frozen=True, kw_only=True)
class Clause:
    field: str
    key: str | None
    sign: str
    value: str | None
    negated: bool

    def holds(self, body: Object) -> bool:
        return self._matches(body) != self.negated

    def _matches(self, body: Object) -> bool:
        actual = body["metadata"].get(self.key) if self.key is not None else body[self.field]
        if self.value is None or actual is None:
            return actual is None and self.value is None
        if self.field in NUMBER_FIELDS:
            return COMPARE[self.sign](actual, int(self.value))
        return self.value.lower() in actual.lower() if self.sign == "~" else actual.lower() == self.value.lower()


def _refuse(query: str) -> InvalidParameters:
    return InvalidParameters(f"The search query could not be understood: {query}", param="query")


def parse(query: str) -> Callable[[Object], bool]:
    """What the query asks of an object."""
    clauses, joints, at = [], set(), 0
    while True:
        match = CLAUSE.match(query, at)
        if match is None or len(clauses) >= CLAUSES_MAX:
            raise _refuse(query)
        clauses.append(_clause(match, query))
        at = match.end()
        if at == len(query):
            break
        joint = JOINT.match(query, at)
        if joint is None:
            raise _refuse(query)
        joints.add(joint[1].upper())
        at = joint.end()
    if len(joints) > 1:
        raise InvalidParameters("A search query has AND or OR, not both.", param="query")
    every = all if joints != {"OR"} else any
    return lambda body: every(clause.holds(body) for clause in clauses)


def _clause(match: re.Match[str], query: str) -> Clause:
    field, key, sign, bare = match["field"], match["key"], match["sign"], match["bare"]
    value = None if bare == "null" else bare or match["text"]
    number = (
        field in NUMBER_FIELDS and key is None and value is not None and value.lstrip("-").isdigit() and sign != "~"
    )
    text = ((field in TEXT_FIELDS and key is None) or (field == "metadata" and key is not None)) and sign in {":", "~"}
    if not (number or text):
        raise _refuse(query)
    return Clause(field=field, key=key, sign=sign, value=value, negated=match["not"] is not None)


def search(call: Call, kind: str) -> Answer:
    """A page of what matches. The index lags behind, as Stripe's does, by what the configuration says."""
    wanted, limit = parse(call.form.required("query")), limit_of(call.form)
    matching = _matching(call, kind, wanted)
    page = [public(body) for _, body in zip(range(limit), matching, strict=False)]
    more = next(matching, None) is not None
    url, following = call.url, page[-1]["id"] if more else None
    return {"object": "search_result", "data": page, "has_more": more, "next_page": following, "url": url}


def _matching(call: Call, kind: str, wanted: Callable[[Object], bool]) -> Iterator[Object]:
    indexed, after = call.tx.world.now() - call.tx.world.search_lag_s, call.form.text("page")
    for ident in call.tx.world.newest(kind):
        if after is not None:
            after = None if ident == after else after
            continue
        body = call.tx.find(kind, ident)
        if body is not None and not body.get("deleted") and body["created"] <= indexed and wanted(body):
            yield body
