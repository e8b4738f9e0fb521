"""Shoppers with a bank account: typed in at Stripe, proved or not, debited, and days later the bank says no (C1)."""

from dataclasses import dataclass, field
from functools import partial
from typing import Final

from kalecart.ids import PaymentMethodId
from kalecart.payments.bank_account import MANDATE_SHA256, Acceptance, Proof
from kalecart.payments.method import PaymentMethodView
from kalecart.payments.remove_method import remove_method
from kalecart.payments.save_account import Counter, begin_account, finish_account
from kalecart.payments.verify_account import verify_account
from simulation.people import Shopper, some_time
from simulation.scene import Scene

ACCEPTED: Final = Acceptance(words_sha256=MANDATE_SHA256, origin="203.0.113.7", agent="a browser")
# What is sent to an account, and what somebody may read in its statement instead.
DEPOSITED, MISREAD = "SM11AA", "SM99ZZ"
AT_ONCE, MISREADS, FORGETS = 0.5, 0.25, 0.1


@dataclass
class Debits:
    """`opened` has the number of each account that was kept."""

    scene: Scene
    every_days: float = 5
    opened: dict[PaymentMethodId, str] = field(default_factory=dict)

    def plan_day(self) -> None:
        scene = self.scene
        if scene.happens("bank account", every_days=self.every_days) and self._without():
            scene.plan_today((7, 22), "gave a bank account", self._gives)
        if scene.happens("account removed", every_days=self.every_days * 12):
            scene.plan_today((7, 22), "removed a bank account", self._removes)

    async def _gives(self) -> None:
        if without := self._without():
            who, chance = self.scene.chance("whose account").choice(without), self.scene.chance("bank accounts")
            at, number = self._counter(who), who.account
            setup = await begin_account(at)
            await self.scene.shop.bank.link(setup.secret, number, at_once=chance.random() < AT_ONCE)
            account = await finish_account(setup.stripe_id, ACCEPTED, at)
            self.opened[account.id] = number
            who.debited = account.id
            if not account.verified and chance.random() >= FORGETS:
                self._will_prove(who, account, DEPOSITED if chance.random() >= MISREADS else MISREAD)

    def _without(self) -> list[Shopper]:
        """Whoever has one at some bank, and none here."""
        return [who for who in self.scene.shoppers if who.here and who.account and who.debited is None]

    def _will_prove(self, who: Shopper, account: PaymentMethodView, code: str) -> None:
        when = self.scene.now + some_time(self.scene.chance("deposits"), 1, 4)
        self.scene.plan(when, "proved a bank account", partial(self._proves, who, account, code))

    async def _proves(self, who: Shopper, account: PaymentMethodView, code: str) -> None:
        if who.here and who.customer_id is not None:
            if code != DEPOSITED:
                self._will_prove(who, account, DEPOSITED)
            given = self.scene.shop.web_given("db", "gateway", "clock")
            await verify_account(account.id, Proof.parse(code), customer_id=who.customer_id, **given)

    async def _removes(self) -> None:
        having = [who for who in self.scene.shoppers if who.here and who.debited is not None]
        if having:
            who = self.scene.chance("whose account ends").choice(having)
            assert who.debited is not None
            assert who.customer_id is not None
            given = self.scene.shop.web_given("db", "clock", "dispatcher")
            await remove_method(who.debited, customer_id=who.customer_id, **given)
            who.debited = None

    def _counter(self, who: Shopper) -> Counter:
        assert who.customer_id is not None
        given = self.scene.shop.web_given("db", "gateway", "vault", "clock")
        return Counter(customer_id=who.customer_id, **given)
