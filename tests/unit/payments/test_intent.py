"""What a look at Stripe adds to the books: whatever comes, in whatever order, the books end where the money is."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from kalecart.ids import AttemptId, OrderId, new_id
from kalecart.payments.intent import Books, Finding, IntentSnapshot, OpenAttempt, find

TOTAL = 2_345
ORDER = OrderId(new_id())


def seen(status: str = "requires_payment_method", **but: Any) -> IntentSnapshot:
    described = {"stripe_id": "pi_1", "status": status, "amount_cents": TOTAL, "order_id": ORDER}
    return IntentSnapshot(**(described | but))


def books(status: str = "created", *, method: str | None = "pm_1", charges: tuple[str, ...] = ()) -> Books:
    attempt = OpenAttempt(id=AttemptId(new_id()), method_id=method) if method else None
    return Books(
        order_id=ORDER,
        order_status="placed",
        total_cents=TOTAL,
        status=status,
        attempt=attempt,
        seen_charge_ids=frozenset(charges),
    )


DECLINED = seen(decline_code="insufficient_funds", charge_id="ch_1", method_id="pm_1")


@pytest.mark.parametrize("status", ["begun", "created", "processing", "declined", "canceled"])
def test_success_is_found_wherever_the_books_stand(status: str) -> None:
    assert find(seen("succeeded"), books(status)) is Finding.PAID


def test_success_is_found_once() -> None:
    assert find(seen("succeeded"), books("succeeded")) is Finding.NOTHING


@pytest.mark.parametrize("amount", [TOTAL - 1, TOTAL + 1, 0])
def test_another_amount_than_the_orders_is_not_payment(amount: int) -> None:
    assert find(seen("succeeded", amount_cents=amount), books()) is Finding.WRONG_AMOUNT


def test_a_decline_of_the_open_try_is_found() -> None:
    assert find(DECLINED, books()) is Finding.DECLINED


def test_a_decline_that_is_in_the_books_already_is_not_found_again() -> None:
    assert find(DECLINED, books(method="pm_1", charges=("ch_1",))) is Finding.NOTHING


def test_a_late_decline_of_another_card_says_nothing_about_the_open_try() -> None:
    assert find(DECLINED, books(method="pm_2")) is Finding.NOTHING


def test_a_decline_without_a_charge_counts_by_its_card() -> None:
    """A card refused before any charge was made, such as one that wants a confirmation."""
    assert find(replace(DECLINED, charge_id=None), books()) is Finding.DECLINED


def test_a_decline_without_an_open_try_adds_nothing() -> None:
    assert find(DECLINED, books("declined", method=None)) is Finding.NOTHING


def test_an_intent_that_was_never_tried_is_no_decline() -> None:
    assert find(seen("requires_payment_method"), books()) is Finding.NOTHING


@pytest.mark.parametrize(("stripes", "finding"), [("processing", Finding.PROCESSING), ("canceled", Finding.CANCELED)])
def test_what_stripe_is_doing_is_noted_once(stripes: str, finding: Finding) -> None:
    assert find(seen(stripes), books("created")) is finding
    assert find(seen(stripes), books(stripes)) is Finding.NOTHING


@given(
    st.sampled_from(["requires_payment_method", "requires_action", "processing", "canceled", "succeeded"]),
    st.sampled_from(["ch_1", "ch_2", None]),
    st.sampled_from(["insufficient_funds", None]),
    st.sampled_from(["pm_1", "pm_2", None]),
    st.integers(0, 2 * TOTAL),
)
def test_nothing_that_is_seen_leads_back_from_success(
    status: str, charge: str | None, code: str | None, method: str | None, amount: int
) -> None:
    """E29."""
    snapshot = seen(status, charge_id=charge, decline_code=code, method_id=method, amount_cents=amount)

    assert find(snapshot, books("succeeded")) is Finding.NOTHING


class OneOrder(RuleBasedStateMachine):
    """An order is tried with several cards while events arrive late, twice and out of order.

    Stripe's side is real: one PaymentIntent, its tries, the looks that can be taken at it. What arrives is any look
    that was true at some time.
    """

    looks = Bundle("looks")

    def __init__(self) -> None:
        super().__init__()
        self.stripe = seen()
        self.books = books(method=None)
        self.cards = 0
        self.charges: list[str] = []
        self.ledger = 0
        self.declines: list[str | None] = []

    @rule(target=looks)
    def glance(self) -> Any:
        return self.stripe

    @rule(target=looks, succeeds=st.booleans())
    def another_card_is_tried(self, succeeds: bool) -> Any:  # the worker opens a try and confirms
        if self.stripe.status == "succeeded" or self.books.attempt is not None or self.books.status == "succeeded":
            return multiple()
        self.cards += 1
        method, charge = f"pm_{self.cards}", f"ch_{self.cards}"
        attempt = OpenAttempt(id=AttemptId(new_id()), method_id=method)
        self.books = replace(self.books, status="created", attempt=attempt)
        self.charges.append(charge)
        if succeeds:
            self.stripe = replace(
                self.stripe, status="succeeded", charge_id=charge, decline_code=None, method_id=method
            )
        else:
            self.stripe = replace(self.stripe, charge_id=charge, decline_code="do_not_honor", method_id=method)
        return self.stripe

    @rule(look=looks)
    def a_look_arrives(self, look: IntentSnapshot) -> None:
        finding = find(look, self.books)
        ended = self.books.seen_charge_ids | ({look.charge_id} if look.charge_id else set())
        if finding is Finding.PAID:
            self.ledger += look.amount_cents
            self.books = replace(self.books, status="succeeded", attempt=None, seen_charge_ids=frozenset(ended))
        elif finding is Finding.DECLINED:
            self.declines.append(look.charge_id)
            self.books = replace(self.books, status="declined", attempt=None, seen_charge_ids=frozenset(ended))
        else:
            assert finding is Finding.NOTHING

    @rule()
    def somebody_asks_stripe_until_it_is_settled(self) -> None:
        self.a_look_arrives(self.stripe)
        assert (self.books.status == "succeeded") == (self.stripe.status == "succeeded")
        assert self.books.attempt is None

    @invariant()
    def the_money_is_written_down_at_most_once(self) -> None:
        assert self.ledger in {0, TOTAL}
        assert (self.ledger == TOTAL) == (self.books.status == "succeeded")

    @invariant()
    def the_books_never_say_paid_before_stripe_does(self) -> None:
        assert self.books.status != "succeeded" or self.stripe.status == "succeeded"

    @invariant()
    def each_try_is_declined_at_most_once_and_never_the_one_that_paid(self) -> None:
        assert len(self.declines) == len(set(self.declines))
        assert self.stripe.status != "succeeded" or self.stripe.charge_id not in self.declines


TestOneOrder = OneOrder.TestCase
