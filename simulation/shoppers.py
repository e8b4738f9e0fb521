"""Shoppers: they sign up, buy, pay or cannot pay, cancel, and change their minds about being counted."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random
from typing import Final

from kalecart.accounts.sign_up import SignUp, sign_up
from kalecart.accounts.visit import Visit
from kalecart.carts.fill import set_line
from kalecart.carts.quote import quote
from kalecart.consent.honour import honour_signal
from kalecart.consent.purpose import Purpose
from kalecart.consent.record import Choices, record_consents
from kalecart.ids import OrderId, new_id
from kalecart.orders.cancel import cancel_order
from kalecart.orders.order import Asker, Order, PlaceOrder
from kalecart.orders.place import place_order
from kalecart.payments.pay_again import pay_again
from kalecart.payments.save_card import save_card
from kalecart.windows.reads import offered
from simulation.bank import BANK_TAKES
from simulation.office import Office
from simulation.people import GOOD_CARD, PASSWORD, Shopper, a_shopper, some_time
from simulation.scene import Scene

# A debit takes days: who picks looks again each day.
DEBIT_TRIES: Final = 6
LINES: Final = (4, 9)
FIRST, MOST_OF_IT = 40, 0.75
CANCELS, PAYS_AGAIN, COUNTED, BY_DEBIT = 0.06, 0.5, 0.8, 0.6
# Whoever is told that their bank sent a debit back pays otherwise, or lets it be.
HEARS_OF_IT: Final = BANK_TAKES + timedelta(hours=3)


@dataclass
class Shoppers:
    scene: Scene
    office: Office
    skus: list[str]
    orders_a_day: float

    def plan_sign_ups(self, many: int) -> None:
        """Neighbours in the first days, half of the others within a month, and the rest over most of the year."""
        chance, days = self.scene.chance("sign up"), (self.scene.end - self.scene.start) / timedelta(days=1)
        for number in range(many):
            later = days * MOST_OF_IT if number % 2 else min(days * MOST_OF_IT, 30)
            self.plan_sign_up(a_shopper(number, chance), within_days=later if number >= FIRST else min(6, many / 8))

    def plan_sign_up(self, who: Shopper, *, within_days: float) -> None:
        self.scene.shoppers.append(who)
        when = self.scene.now + some_time(self.scene.chance("sign up"), 0, within_days)
        self.scene.plan(when, "signed up", partial(self.signs_up, who))

    def plan_day(self) -> None:
        scene, chance = self.scene, self.scene.chance("shopping")
        for _ in range(_about(self.orders_a_day, chance)):
            scene.plan_today((6, 22), "ordered", self.somebody_orders)
        if scene.happens("consents", every_days=5):
            scene.plan_today((7, 23), "changed a consent", self.somebody_decides)
        if scene.happens("signal", every_days=25):
            scene.plan_today((7, 23), "sent a signal", self.somebody_signals)
        if scene.happens("withdrawal", every_days=60):
            scene.plan_today((7, 23), "withdrew from delivery", self.somebody_withdraws)

    async def signs_up(self, who: Shopper) -> None:
        scene, chance = self.scene, self.scene.chance("sign up form")
        who.improves = chance.random() < COUNTED
        form = SignUp(
            name=who.name,
            email=who.email,
            phone="(213) 555-0142",
            address=who.address,
            password=PASSWORD,
            payment_and_delivery=True,
            improve_service=who.improves,
        )
        given = scene.shop.web_given("db", "vault", "clock", "terms", "allowances")
        entered = await sign_up(form, Visit(origin=f"sim {len(scene.shoppers)}"), **given)
        who.customer_id = entered.customer_id
        await self._saves(who, who.card)

    async def _saves(self, who: Shopper, card: str) -> None:
        given = self.scene.shop.web_given("db", "gateway", "vault", "clock")
        assert who.customer_id is not None
        who.methods.append((await save_card(card, customer_id=who.customer_id, **given)).id)

    async def somebody_orders(self) -> None:
        who = self._somebody("who orders")
        if who is not None and who.methods:
            order = await self._orders(who)
            self._afterwards(who, order)

    async def _orders(self, who: Shopper) -> Order:
        shop, now, chance = self.scene.shop, self.scene.now, self.scene.chance("carts")
        filled = None
        for sku in _liked(self.skus, chance):
            token = filled.token if filled else None
            quantity = chance.randrange(1, 4)
            filled = await set_line(sku, quantity, token=token, expected_version=None, db=shop.web.db, now=now)
        assert filled is not None
        assert filled.cart is not None
        async with shop.web.db.snapshot() as tx:
            windows = [window for window in await offered(tx, now=now) if window.left]
        window = windows[min(chance.randrange(12), len(windows) - 1)]
        debited = who.debited if chance.random() < BY_DEBIT else None
        asked = PlaceOrder(
            order_id=OrderId(new_id()),
            customer_id=who.customer_id,
            cart_token=filled.token,
            cart_version=filled.cart.version,
            expected_total_cents=quote(filled.cart.lines, shop.web.settings.terms).total_cents,
            window_id=window.id,
            payment_method_id=debited or who.methods[-1],
            idempotency_key=str(new_id()),
        )
        order = await place_order(asked, **shop.web_given("db", "clock", "dispatcher", "terms"))
        self.office.plan_delivery(order.id, window, tries=DEBIT_TRIES if debited else 1)
        if debited and chance.random() < PAYS_AGAIN:
            again = partial(self._pays_otherwise, who, order)
            self.scene.plan(self.scene.now + HEARS_OF_IT, "paid otherwise after a debit", again)
        return order

    def _afterwards(self, who: Shopper, order: Order) -> None:
        scene, chance = self.scene, self.scene.chance("afterwards")
        later = scene.now + some_time(chance, 0.01, 0.2)
        if chance.random() < CANCELS:
            scene.plan(later, "cancelled", partial(self._cancels, who, order))
        elif who.card == "pm_card_chargeCustomerFail" and chance.random() < PAYS_AGAIN:
            scene.plan(later, "paid again", partial(self._pays_again, who, order))

    async def _cancels(self, who: Shopper, order: Order) -> None:
        given = self.scene.shop.web_given("db", "clock", "dispatcher")
        await cancel_order(order.id, by=Asker.CUSTOMER, customer_id=who.customer_id, **given)

    async def _pays_again(self, who: Shopper, order: Order) -> None:
        await self._saves(who, GOOD_CARD)
        who.card = GOOD_CARD
        await self._pays_otherwise(who, order)

    async def _pays_otherwise(self, who: Shopper, order: Order) -> None:
        """With their card."""
        assert who.customer_id is not None
        given = self.scene.shop.web_given("db", "clock", "dispatcher")
        await pay_again(order.id, who.methods[-1], customer_id=who.customer_id, **given)

    async def somebody_decides(self) -> None:
        who = self._somebody("who decides")
        if who is not None:
            who.improves = not who.improves
            await self._chooses(who, Purpose.IMPROVE_SERVICE, given=who.improves)

    async def somebody_signals(self) -> None:
        who = self._somebody("who signals")
        if who is not None and who.customer_id is not None:
            await honour_signal(who.customer_id, **self.scene.shop.web_given("db", "clock"))

    async def somebody_withdraws(self) -> None:
        """From what delivery needs; most come back, some before their notice is over."""
        who = self._somebody("who withdraws")
        if who is not None:
            await self._chooses(who, Purpose.PAYMENT_AND_DELIVERY, given=False)
            back = self.scene.now + some_time(self.scene.chance("comes back"), 2, 40)
            again = partial(self._chooses, who, Purpose.PAYMENT_AND_DELIVERY, given=True)
            self.scene.plan(back, "came back to delivery", again)

    async def _chooses(self, who: Shopper, purpose: Purpose, *, given: bool) -> None:
        if who.customer_id is not None and who.here:
            verbs = self.scene.shop.web_given("db", "clock")
            choices = Choices(given={purpose: given})
            await record_consents(choices, customer_id=who.customer_id, notice=timedelta(days=14), **verbs)

    def _somebody(self, what: str) -> Shopper | None:
        here = [who for who in self.scene.shoppers if who.here]
        return self.scene.chance(what).choice(here) if here else None


def _about(mean: float, chance: Random) -> int:
    """A whole number of things in a day."""
    return int(mean * chance.uniform(0.4, 1.6) + chance.random())


def _liked(skus: list[str], chance: Random) -> list[str]:
    """Some things are bought by everybody, most by few."""
    weights = [1 / (place + 3) for place in range(len(skus))]
    many = chance.randrange(*LINES)
    return list(dict.fromkeys(chance.choices(skus, weights=weights, k=many)))
