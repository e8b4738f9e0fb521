"""People who ask what is held about them, have it erased, or ask without saying who they are (C10)."""

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import sqlalchemy as sa

from kalecart.ids import CustomerId, RequestId
from kalecart.privacy import store
from kalecart.privacy.ask import ask_in_account
from kalecart.privacy.hand_over import hand_over, open_link
from kalecart.privacy.receive import Received, ask_on_page
from kalecart.privacy.request import Kind, Request, State
from kalecart.privacy.review import release
from kalecart.privacy.subject import Person
from kalecart.staff.rights import Role
from simulation.office import Office
from simulation.people import PASSWORD, Shopper, a_shopper, some_time
from simulation.scene import Scene
from simulation.shoppers import Shoppers

SAME_ADDRESS: Final = 0.3
# Their numbers begin above everybody's who was there.
NEWCOMERS: Final = 10_000
_AT_STRIPE: Final = "SELECT stripe_customer_id FROM customer WHERE id = :who"


@dataclass
class Rights:
    """`erased` are those whose erasure was asked for, and `at_stripe` what Stripe calls them; `asked` the requests for
    a package, `taken` how often each was fetched.
    """

    scene: Scene
    office: Office
    shoppers: Shoppers
    every_days: float = 12
    erased: list[CustomerId] = field(default_factory=list)
    at_stripe: dict[CustomerId, str] = field(default_factory=dict)
    asked: list[RequestId] = field(default_factory=list)
    taken: Counter[RequestId] = field(default_factory=Counter)

    def plan_day(self) -> None:
        scene = self.scene
        if scene.happens("access", every_days=self.every_days):
            scene.plan_today((0, 23.9), "asked for their data", self._asks)
        if scene.happens("erasure", every_days=self.every_days * 4):
            scene.plan_today((0, 23.9), "asked to be erased", self._goes)
        if scene.happens("opt out", every_days=self.every_days * 3):
            scene.plan_today((0, 23.9), "opted out", self._opts_out)
        if scene.happens("unknown", every_days=self.every_days * 2):
            scene.plan_today((0, 23.9), "asked without an account", self._asks_on_page)

    async def _asks(self) -> None:
        if who := self._somebody():
            request = await self._ask(Kind.ACCESS, who)
            self.asked.append(request.id)
            when = self.scene.now + some_time(self.scene.chance("fetches"), 0.01, 6)
            self.scene.plan(when, "looked for their package", partial(self._fetches, who, request.id, 3))

    async def _ask(self, kind: Kind, who: Shopper) -> Request:
        assert who.customer_id is not None
        given = self.scene.shop.web_given("db", "clock", "allowances")
        return await ask_in_account(kind, customer_id=who.customer_id, password=PASSWORD, **given)

    async def _fetches(self, who: Shopper, request_id: RequestId, tries: int) -> None:
        """Once it is there; what waits for somebody's judgement is released by the office first."""
        shop = self.scene.shop
        async with shop.web.db.snapshot() as tx:
            request = await store.find(tx, request_id)
        if request is None or who.left or who.customer_id is None:
            return
        if request.state is State.ANSWERED:
            await self._takes(who.customer_id, request_id)
        elif tries:
            if request.state is State.REVIEW:
                member = await self.office.acting(self.office.of_role(Role.PRIVACY))
                await release(request_id, by=member, **shop.web_given("db", "clock"))
            when = self.scene.now + some_time(self.scene.chance("fetches"), 0.2, 2)
            self.scene.plan(when, "looked for their package", partial(self._fetches, who, request_id, tries - 1))

    async def _takes(self, customer_id: CustomerId, request_id: RequestId) -> None:
        shop = self.scene.shop
        given = shop.web_given("db", "clock", "allowances")
        token = await open_link(request_id, customer_id=customer_id, password=PASSWORD, **given)
        person = Person.customer(customer_id)
        package = await hand_over(request_id, token, person=person, **shop.web_given("db", "vault", "clock"))
        assert package.content
        self.taken[request_id] += 1

    async def _goes(self) -> None:
        """Somebody has everything erased; somebody new comes, now and then with the same address (E66)."""
        if who := self._somebody():
            assert who.customer_id is not None
            async with self.scene.shop.at["owner"].db.snapshot() as tx:
                named = await tx.scalar(sa.text(_AT_STRIPE), {"who": who.customer_id})
            await self._ask(Kind.ERASURE, who)
            if named:
                self.at_stripe[who.customer_id] = named
            who.left = True
            self.erased.append(who.customer_id)
            chance = self.scene.chance("newcomers")
            new = a_shopper(NEWCOMERS + len(self.erased), chance)
            if chance.random() < SAME_ADDRESS:
                new.email = who.email
            self.shoppers.plan_sign_up(new, within_days=20)

    async def _opts_out(self) -> None:
        if who := self._somebody():
            who.improves = False
            await self._ask(Kind.OPT_OUT, who)

    async def _asks_on_page(self) -> None:
        """Nobody ever shows that it was them."""
        who = self.scene.chance("who asks").choice(self.scene.shoppers)
        asked = Received(kind=Kind.ACCESS, email=who.email)
        given = self.scene.shop.web_given("db", "vault", "clock", "allowances")
        await ask_on_page(asked, f"sim {self.scene.now:%j}", **given)

    def _somebody(self) -> Shopper | None:
        here = [who for who in self.scene.shoppers if who.here]
        return self.scene.chance("whose data").choice(here) if here else None
