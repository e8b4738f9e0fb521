"""How much goes back: never more than was taken, and every cent of the tax with its line."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kalecart.errors import Invalid
from kalecart.ids import OrderId, RefundId, new_id
from kalecart.orders.order import Asker
from kalecart.payments.refund import (
    ARROWS,
    AskRefund,
    Recorded,
    RefundReason,
    RefundState,
    Returnable,
    SoldLine,
    amount_of,
    movement,
)

SOLD = st.lists(
    st.builds(
        SoldLine,
        sku=st.from_regex(r"[a-z]{3,6}", fullmatch=True),
        quantity=st.integers(1, 30),
        unit_price_cents=st.integers(1, 9_999),
        taxable=st.booleans(),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda line: line.sku,
)


@given(SOLD, st.integers(0, 50_000))
def test_all_lines_together_are_worth_what_the_customer_paid_for_them(sold: list[SoldLine], tax: int) -> None:
    taxed = tax if any(line.taxable for line in sold) else 0

    amount, lines = amount_of(sold, {line.sku: line.quantity for line in sold}, tax_cents=taxed)

    assert amount == sum(line.quantity * line.unit_price_cents for line in sold) + taxed
    assert sum(lines.values()) == amount


@given(SOLD, st.integers(0, 50_000), st.data())
def test_units_refunded_one_by_one_are_worth_as_much_as_all_at_once(
    sold: list[SoldLine], tax: int, data: st.DataObject
) -> None:
    line = data.draw(st.sampled_from(sold))
    rest = [other for other in sold if other is not line]
    together, _ = amount_of(sold, {line.sku: line.quantity}, tax_cents=tax)

    apart = 0
    for returned in range(line.quantity):
        now = SoldLine(
            sku=line.sku,
            quantity=line.quantity,
            unit_price_cents=line.unit_price_cents,
            taxable=line.taxable,
            returned=returned,
        )
        apart += amount_of([*rest, now], {line.sku: 1}, tax_cents=tax)[0]

    assert apart == together


@pytest.mark.parametrize("count", [0, -1, 4, 10**9])
def test_a_count_that_is_not_left_is_refused_with_what_is(count: int) -> None:
    sold = [SoldLine(sku="kale", quantity=5, unit_price_cents=300, taxable=False, returned=2)]

    with pytest.raises(Invalid) as refused:
        amount_of(sold, {"kale": count}, tax_cents=0)

    assert refused.value.problems == {"/lines/kale": "Between 1 and 3 of these can be refunded."}


def test_a_product_that_is_not_in_the_order_and_one_that_is_all_returned_are_told_together() -> None:
    sold = [SoldLine(sku="kale", quantity=2, unit_price_cents=300, taxable=False, returned=2)]

    with pytest.raises(Invalid) as refused:
        amount_of(sold, {"kale": 1, "chard": 1}, tax_cents=0)

    assert set(refused.value.problems) == {"/lines/kale", "/lines/chard"}


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_what_remains_is_never_below_nothing(charged: int, refunded: int, disputed: int) -> None:
    remaining = Returnable(charged_cents=charged, refunded_cents=refunded, disputed_cents=disputed).remaining_cents

    assert remaining == max(charged - refunded - disputed, 0)


def test_every_state_of_a_refund_has_its_arrows_written_down() -> None:
    assert set(ARROWS) == set(RefundState)
    assert ARROWS[RefundState.FAILED] == frozenset()


class Followed(RuleBasedStateMachine):
    """A refund follows whatever is seen of it, and the ledger ends where the money is."""

    def __init__(self) -> None:
        super().__init__()
        self.state = RefundState.OPEN
        self.ledger = 0

    @rule(seen=st.sampled_from(RefundState))
    def look(self, seen: RefundState) -> None:
        if seen in ARROWS[self.state]:
            self.ledger += movement(self.state, seen)
            self.state = seen

    @invariant()
    def the_ledger_says_what_the_state_says(self) -> None:
        gone = self.state in {RefundState.PENDING, RefundState.SUCCEEDED}
        assert self.ledger == (-1 if gone else 0)


TestFollowed = Followed.TestCase


ORDER = OrderId(new_id())


def asked(**but: Any) -> AskRefund:
    usual = {"refund_id": RefundId(new_id()), "order_id": ORDER, "reason": RefundReason.QUALITY, "by": Asker.STAFF}
    return AskRefund(**(usual | but))


def on_record(**but: Any) -> Recorded:
    usual = {"order_id": ORDER, "amount_cents": 300, "reason": RefundReason.QUALITY, "whole": False, "lines": {}}
    return Recorded(**(usual | but))


@pytest.mark.parametrize(
    ("recorded", "again", "same"),
    [
        (on_record(), asked(amount_cents=300), True),
        (on_record(), asked(amount_cents=301), False),
        (on_record(), asked(), False),
        (on_record(), asked(amount_cents=300, reason=RefundReason.MISSING), False),
        (on_record(), asked(amount_cents=300, order_id=OrderId(new_id())), False),
        (on_record(), asked(amount_cents=300, currency="eur"), False),
        (on_record(whole=True), asked(), True),
        (on_record(whole=True), asked(amount_cents=300), False),
        (on_record(whole=None), asked(), True),
        (on_record(whole=None), asked(amount_cents=300), True),
        (on_record(lines={"kale": 1}), asked(lines={"kale": 1}), True),
        (on_record(lines={"kale": 1}), asked(lines={"kale": 2}), False),
        (on_record(lines={"kale": 1}), asked(lines={"kale": 1, "soap": 1}), False),
        (on_record(lines={"kale": 1}), asked(amount_cents=300), False),
        (on_record(), asked(lines={"kale": 1}), False),
    ],
)
def test_a_refund_asked_again_is_the_same_only_with_the_same_content(
    recorded: Recorded, again: AskRefund, *, same: bool
) -> None:
    assert recorded.same(again) is same
