import itertools
import json
from pathlib import Path

import pytest

from bench.pgbench import SCRIPTS_MAX, Yardstick, write_scripts
from bench.plan import Asked, Closed, Open, Plan, Trade, prepared
from bench.prepare import STRIDES, basket
from bench.shopper import Shopper
from kalecart.orders.store import PLACE
from kalecart.terms import Terms

SHOPPERS = [Shopper(customer=f"c{number}", session=f"s{number}", card=f"p{number}") for number in range(3)]
TRADE = Trade(shoppers=SHOPPERS, skus=["a", "b", "c", "d", "e", "f"], windows=["w1", "w2"], seed=7)
TERMS = Terms(
    minimum_order_cents=2_000, delivery_fee_cents=499, free_delivery_from_cents=6_000, tax_rate_basis_points=975
)


@pytest.mark.parametrize(
    "shape", [Closed(shoppers=3, seconds=1.0, journeys_max=5), Open(per_second=50.0, seconds=1.0, warm_up_s=0.5)]
)
@pytest.mark.parametrize(
    "what", [TRADE.checkouts("run"), prepared([Asked(method="GET", path="/", headers={"Host": "x"})], expect=200)]
)
def test_a_plan_is_the_same_on_the_other_side(shape: Closed | Open, what: dict[str, object]) -> None:
    plan = Plan(host="127.0.0.1", port=8000, shape=shape, what=what)
    again = Plan.from_json(json.loads(json.dumps(plan.as_json())))
    assert again == plan
    assert again.journey() == plan.journey()


def test_pgbench_gives_the_shops_statement_all_its_arguments(tmp_path: Path) -> None:
    stick = Yardstick(mark="m-", first=10, clients=2, each=5, total_cents=2744, terms=TERMS)
    scripts = write_scripts(stick, TRADE, tmp_path)
    assert len(scripts) == min(len(SHOPPERS), SCRIPTS_MAX)
    script = scripts[0].read_text()
    assert PLACE.strip() in script
    wanted = max(number for number in range(1, 40) if f"${number}" in PLACE)
    assert arguments(script.partition("EXECUTE place(")[2].rstrip(");\n")) == wanted


def arguments(text: str) -> int:
    """How many there are: commas that are in no bracket and in no quotes, and one."""
    depth, quoted, count = 0, False, 1
    for letter in text:
        quoted ^= letter == "'"
        depth += (letter == "(") - (letter == ")") if not quoted else 0
        count += letter == "," and not quoted and depth == 0
    return count


def test_every_fixed_cart_costs_the_same_and_neighbours_differ() -> None:
    shelves = [(100 * shelf, [f"{shelf}-{place}" for place in range(7 + shelf)]) for shelf in range(1, 6)]
    baskets = [basket(shelves, number) for number in range(50)]
    assert {sum(line["price_cents"] for line in one.values()) for one in baskets} == {1_500}
    assert {len(one) for one in baskets} == {len(STRIDES)}
    assert all(one.keys() != other.keys() for one, other in itertools.pairwise(baskets))
