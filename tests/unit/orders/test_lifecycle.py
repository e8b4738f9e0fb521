from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.ids import AddressId, CustomerId, OrderId, PaymentMethodId, WindowId, new_id
from kalecart.orders.order import TRANSITIONS, Order, OrderMovedOn, OrderStatus, PlaceOrder

ARROWS = {
    ("placed", "paid"),
    ("placed", "picking"),
    ("placed", "cancelled"),
    ("paid", "picking"),
    ("paid", "cancelled"),
    ("picking", "fulfilled"),
}


def an_order(status: OrderStatus = OrderStatus.PLACED) -> Order:
    return Order(
        id=OrderId(new_id()),
        number="K7Q2M-9XRT",
        customer_id=CustomerId(new_id()),
        status=status,
        address_id=AddressId(new_id()),
        window_id=WindowId(new_id()),
        payment_method_id=PaymentMethodId(new_id()),
        total_cents=2_345,
        placed_at=datetime(2026, 11, 2, 18, tzinfo=UTC),
    )


@pytest.mark.parametrize(("before", "after"), list(product(OrderStatus, OrderStatus)))
def test_an_order_follows_the_arrows_and_nothing_else(before: OrderStatus, after: OrderStatus) -> None:
    order = an_order(before)

    if (before, after) in ARROWS:
        assert order.become(after).status == after
    else:
        with pytest.raises(OrderMovedOn):
            order.become(after)


def test_every_status_has_its_arrows_written_down() -> None:
    assert set(TRANSITIONS) == set(OrderStatus)


@given(st.lists(st.sampled_from(OrderStatus), max_size=12))
def test_wherever_an_order_is_pushed_it_never_leaves_an_end(pushed: list[OrderStatus]) -> None:
    order = an_order()
    for status in pushed:
        ended = not TRANSITIONS[order.status]
        try:
            after = order.become(status)
        except OrderMovedOn:
            continue
        assert not ended
        order = after


def test_moving_changes_the_status_and_nothing_else() -> None:
    order = an_order()

    assert order.become(OrderStatus.PAID).become(OrderStatus.CANCELLED) == Order(
        **{**vars(order), "status": OrderStatus.CANCELLED}
    )


def asked(**but: Any) -> PlaceOrder:
    content = {
        "order_id": OrderId(new_id()),
        "customer_id": CustomerId(new_id()),
        "cart_token": "token",
        "cart_version": 3,
        "expected_total_cents": 2_345,
        "window_id": WindowId(new_id()),
        "payment_method_id": PaymentMethodId(new_id()),
        "idempotency_key": "key",
    }
    return PlaceOrder(**(content | but))


SAME = {"window_id": WindowId(new_id()), "payment_method_id": PaymentMethodId(new_id())}


def test_a_repeated_request_has_the_same_fingerprint_though_its_id_is_new() -> None:
    assert asked(**SAME).fingerprint == asked(**SAME, order_id=OrderId(new_id())).fingerprint


@pytest.mark.parametrize(
    "but",
    [
        {"cart_version": 4},
        {"expected_total_cents": 2_346},
        {"window_id": WindowId(new_id())},
        {"payment_method_id": PaymentMethodId(new_id())},
    ],
    ids=lambda but: next(iter(but)),
)
def test_a_request_for_something_else_has_another_fingerprint(but: dict[str, Any]) -> None:
    assert asked(**(SAME | but)).fingerprint != asked(**SAME).fingerprint
