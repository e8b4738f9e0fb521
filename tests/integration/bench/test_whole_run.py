"""The whole measurement, as small as it gets: every figure is there, and nothing failed."""

import pytest

from bench.extent import Extent
from bench.failures import failing
from bench.report import lines
from bench.run import run

TINY = Extent(
    people=6,
    at_once=3,
    yard_clients=(2,),
    stripe_latency_ms=10,
    page_s=0.3,
    pages_per_second=20.0,
    checkout_s=1.0,
    crowded_s=0.5,
    paid_s=1.5,  # at half of (b) there is one to pay, however crowded the machine is
    warm_up_s=0.2,
    rounds=1,
    orders=20,
    yard_orders=20,
)


@pytest.mark.fault  # starts the whole shop
async def test_every_figure_is_measured_and_nothing_fails() -> None:
    figures = await run(TINY, seed=7, say=lambda _line: None)

    assert list(failing(figures)) == []
    assert figures["books"] == {"products_that_do_not_add_up": 0, "paid_orders_without_their_charge": 0}
    assert figures["a_placing"]["ratio"] > 0
    assert figures["b_checkouts"]["statements"] > 5
    assert figures["c_paid"]["ours_ms"]["count"] > 0
    assert {line.letter for line in lines(figures)} == {"", "a", "b", "c", "d", "e", "f"}
