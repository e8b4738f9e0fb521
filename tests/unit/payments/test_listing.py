from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.payments.listing import PAGE, Span, pages

SPAN = Span(since=datetime(2026, 11, 1, tzinfo=UTC), until=datetime(2026, 11, 2, tzinfo=UTC))


class Shelf:
    """A list as Stripe gives it: newest first, so many at a time, from after the one that was last."""

    def __init__(self, size: int) -> None:
        self.ids = [f"pi_{number}" for number in range(size)]
        self.asked: list[Mapping[str, Any]] = []

    async def ask(self, method: str, path: str, **asked: Any) -> Mapping[str, Any]:
        assert (method, path) == ("get", "/v1/payment_intents")
        self.asked.append(asked)
        begin = self.ids.index(asked["starting_after"]) + 1 if "starting_after" in asked else 0
        rest = self.ids[begin:]
        return {"data": [{"id": each} for each in rest[: asked["limit"]]], "has_more": len(rest) > asked["limit"]}


@given(size=st.integers(min_value=0, max_value=5 * PAGE))
async def test_every_page_is_read_to_the_end_of_the_list(size: int) -> None:
    shelf = Shelf(size)

    read = [each["id"] async for page in pages(shelf.ask, "/v1/payment_intents", SPAN) for each in page]

    assert read == shelf.ids
    assert len(shelf.asked) == max(-(-size // PAGE), 1)


@pytest.mark.parametrize(("since", "bounds"), [(SPAN.since, {"gte": 1_793_491_200}), (None, {})])
async def test_a_span_says_from_when_until_when(since: datetime | None, bounds: dict[str, int]) -> None:
    shelf = Shelf(1)

    async for _ in pages(shelf.ask, "/v1/payment_intents", Span(since=since, until=SPAN.until)):
        pass

    assert shelf.asked[0]["created"] == {"lt": 1_793_577_600} | bounds
