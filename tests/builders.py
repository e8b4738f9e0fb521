"""Things the shop knows, valid by default: change what matters."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from kalecart.carts.fill import set_line
from kalecart.catalogue.tables import product, stock
from kalecart.clock import Clock
from kalecart.customers.address import Address
from kalecart.customers.tables import address, customer
from kalecart.database import Database
from kalecart.ids import CustomerId, OrderId, PaymentMethodId, RefundId, WindowId, new_id
from kalecart.orders.order import PlaceOrder
from kalecart.orders.place import place_order
from kalecart.orders.tables import customer_order
from kalecart.payments.reads import method_place
from kalecart.payments.tables import attempt, payment_intent, payment_method, refund, refund_line
from kalecart.terms import Terms
from kalecart.vault import Place, Vault, data_key, key_of
from kalecart.windows.tables import delivery_window
from tests.hints import RecordedHints

TERMS = Terms(
    minimum_order_cents=1_000, delivery_fee_cents=499, free_delivery_from_cents=6_000, tax_rate_basis_points=975
)
HOME = Address(street="460 S. Spring St.", unit="#913", city="Los Angeles", state="CA", postal_code="90013")


async def a_product(
    db: Database, sku: str, *, price_cents: int = 500, on_hand: int = 100, tax_category: str = "food"
) -> str:
    row = {
        "sku": sku,
        "name": sku.title(),
        "aisle": "Vegetables",
        "description": "Good.",
        "price_cents": price_cents,
        "unit_amount": 1,
        "unit": "each",
        "tax_category": tax_category,
        "picture": f"{sku}.svg",
        "keywords": "",
        "position": 1,
        "search": sku,
    }
    async with db.transaction() as tx:
        await tx.execute(sa.insert(product).values(**row))
        await tx.execute(sa.insert(stock).values(sku=sku, on_hand=on_hand))
    return sku


async def a_customer(db: Database, vault: Vault, *, now: datetime) -> CustomerId:
    customer_id, address_id = CustomerId(new_id()), new_id()
    key, wrapped = vault.new_key()

    def sealed(table: str, column: str, row: object, text: str) -> bytes:
        return key.seal(text, Place(table, column, row))  # ty: ignore[invalid-argument-type]

    row = {
        "id": customer_id,
        "email_sealed": sealed("customer", "email_sealed", customer_id, "shopper@example.com"),
        "email_index": vault.blind_index("email", f"{customer_id}@example.com"),
        "name_sealed": sealed("customer", "name_sealed", customer_id, "A Shopper"),
        "phone_sealed": sealed("customer", "phone_sealed", customer_id, "+12135550100"),
        "password_hash": "unusable",
        "address_id": address_id,
        "source": "sign_up",
        "signed_up_at": now,
    }
    async with db.transaction() as tx:
        await tx.execute(
            sa.insert(data_key).values(
                customer_id=customer_id, wrapped=wrapped.key, master_key=wrapped.master_key, created_at=now
            )
        )
        await tx.execute(sa.insert(customer).values(**row))
        await tx.execute(
            sa.insert(address).values(
                id=address_id,
                customer_id=customer_id,
                sealed=sealed("address", "sealed", address_id, HOME.to_text()),
                written_at=now,
            )
        )
    return customer_id


async def a_card(
    db: Database, vault: Vault, customer_id: CustomerId, *, now: datetime, stripe_id: str = ""
) -> PaymentMethodId:
    method_id = PaymentMethodId(new_id())
    async with db.transaction() as tx:
        key = await key_of(tx, customer_id, vault)
        sealed = key.seal('{"last4": "4242", "expires": "12/2030"}', method_place(method_id))
        row = {"id": method_id, "customer_id": customer_id, "stripe_id": stripe_id or f"pm_{method_id.hex}"}
        await tx.execute(
            sa.insert(payment_method).values(**row, brand="visa", funding="credit", sealed=sealed, added_at=now)
        )
    return method_id


async def a_window(db: Database, *, now: datetime, capacity: int = 10, opens_in: float = 24) -> WindowId:
    window_id = WindowId(new_id())
    starts_at = now + timedelta(hours=opens_in)
    row = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2), "cutoff_at": starts_at}
    async with db.transaction() as tx:
        await tx.execute(sa.insert(delivery_window).values(id=window_id, capacity=capacity, **row))
    return window_id


class Shopper:
    """A customer with a card, a window and a cart: all that an order needs."""

    def __init__(self, db: Database, customer_id: CustomerId, card: PaymentMethodId, window: WindowId) -> None:
        self.db, self.customer_id, self.card, self.window = db, customer_id, card, window
        self.token: str | None = None
        self.version = 0

    async def puts(self, sku: str, quantity: int, *, now: datetime) -> None:
        filled = await set_line(sku, quantity, token=self.token, expected_version=None, db=self.db, now=now)
        assert filled.cart is not None
        self.token, self.version = filled.token, filled.cart.version

    def asks(self, total_cents: int, *, key: str = "key-1", **but: object) -> PlaceOrder:
        asked = {
            "order_id": OrderId(new_id()),
            "customer_id": self.customer_id,
            "cart_token": self.token,
            "cart_version": self.version,
            "expected_total_cents": total_cents,
            "window_id": self.window,
            "payment_method_id": self.card,
            "idempotency_key": key,
        }
        return PlaceOrder(**(asked | but))  # ty: ignore[invalid-argument-type]


async def charged(db: Database, order_id: OrderId, *, now: datetime) -> None:
    """An order as Stripe and a worker leave it once it is paid."""
    async with db.transaction() as tx:
        order = (await tx.execute(sa.select(customer_order).where(customer_order.c.id == order_id))).one()
        intent = {"order_id": order_id, "amount_cents": order.total_cents, "begun_at": now, "status": "succeeded"}
        await tx.execute(sa.insert(payment_intent).values(**intent, stripe_id=f"pi_{order_id.hex}"))
        tried = {"id": new_id(), "order_id": order_id, "number": 1, "payment_method_id": order.payment_method_id}
        charge = {"state": "succeeded", "stripe_charge_id": f"ch_{order_id.hex}", "sent_at": now, "ended_at": now}
        await tx.execute(sa.insert(attempt).values(**tried, **charge))
        mine = sa.update(customer_order).where(customer_order.c.id == order_id)
        await tx.execute(mine.values(status="paid", paid_at=now))


async def a_refund(
    db: Database, order_id: OrderId, reason: str, lines: dict[str, int], *, now: datetime, state: str = "succeeded"
) -> RefundId:
    """`lines` are cents by sku, one unit each; none of them is a dollar for nothing in particular."""
    refund_id = RefundId(new_id())
    row = {"id": refund_id, "order_id": order_id, "reason": reason, "asked_by": "shop", "state": state, "asked_at": now}
    async with db.transaction() as tx:
        await tx.execute(sa.insert(refund).values(**row, amount_cents=sum(lines.values()) or 100))
        for sku, cents in lines.items():
            line = {"refund_id": refund_id, "sku": sku, "quantity": 1, "amount_cents": cents}
            await tx.execute(sa.insert(refund_line).values(**line))
    return refund_id


async def a_paid_order(shopper: Shopper, total_cents: int, *, clock: Clock) -> OrderId:
    """What the shopper's cart holds, placed and charged: as Stripe and a worker leave it."""
    asked = shopper.asks(total_cents)
    hints: Any = RecordedHints()
    order = await place_order(asked, db=shopper.db, clock=clock, dispatcher=hints, terms=TERMS)
    await charged(shopper.db, order.id, now=clock.now())
    return order.id


async def a_shopper(db: Database, vault: Vault, *, now: datetime, window: WindowId | None = None) -> Shopper:
    customer_id = await a_customer(db, vault, now=now)
    card = await a_card(db, vault, customer_id, now=now)
    return Shopper(db, customer_id, card, window or await a_window(db, now=now))
