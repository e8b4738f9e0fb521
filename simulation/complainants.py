"""People who complain, and what becomes of it: answered early, late or never, added to, continued (C12, C13)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from random import Random
from typing import Final

import sqlalchemy as sa

from kalecart.complaints import reads
from kalecart.complaints.acknowledge import acknowledge
from kalecart.complaints.add_to import add_to, not_resolved
from kalecart.complaints.answer import OnPaper, answer
from kalecart.complaints.complain import Form, complain
from kalecart.complaints.complaint import Complaint, Findings, Written
from kalecart.complaints.enter import Paper, enter
from kalecart.complaints.explain import explain
from kalecart.complaints.hand_on import hand_on
from kalecart.complaints.post_answer import answer_came_back, post_answer
from kalecart.deadline import day_begins
from kalecart.ids import ComplaintId, CustomerId, StaffId
from kalecart.staff import reads as staff
from kalecart.staff.designation import Scope
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from simulation.office import Office
from simulation.people import some_time
from simulation.scene import Scene

CONCERNS: Final = (
    "My order was left with a neighbour whose name is on the slip.",
    "I get letters about surveys though I said no.",
    "The driver read my phone number out loud.",
    "Somebody else's address is in my account.",
)
FOUND: Final = Findings(findings="We looked into it, and it was as you say.", steps="The people concerned are told.")
UNSPECIFIC, ADDS, CONTINUES, ABOUT_MANAGER, ASSIGNED = 0.1, 0.2, 0.2, 0.06, 0.75
HAS_A_MAILBOX, POSTED_LATER, UNFOUND = 0.5, 0.5, 0.08
LOOKS_AGAIN: Final = timedelta(days=2)
_OPEN: Final = "SELECT id FROM complaint WHERE answered_at IS NULL ORDER BY received_at, recorded_at"


class Fate(StrEnum):
    """When somebody means to answer; the post and the clock decide about the rest."""

    EARLY = "early"
    IN_TIME = "in time"
    LAST_DAY = "last day"
    LATE = "late"
    NEVER = "never"


FATES: Final = {Fate.EARLY: 45, Fate.IN_TIME: 28, Fate.LAST_DAY: 8, Fate.LATE: 14, Fate.NEVER: 5}


@dataclass(frozen=True, kw_only=True)
class Writer:
    """The number that a person was told, where they write from, and when the shop got what they wrote."""

    number: str
    address: str
    since: datetime


@dataclass
class Complainants:
    """`fates` are what was meant, by complaint; `tried` those that were answered by letter, `settled` those that are
    answered as far as anybody knows. `writers` are the people who can be written to."""

    scene: Scene
    office: Office
    every_days: float = 6
    fates: dict[ComplaintId, Fate] = field(default_factory=dict)
    tried: set[ComplaintId] = field(default_factory=set)
    settled: set[ComplaintId] = field(default_factory=set)
    writers: dict[ComplaintId, Writer] = field(default_factory=dict)

    def plan_day(self) -> None:
        for kind, act, share in (
            ("complained", self._customer, 0.5),
            ("a stranger complained", self._stranger, 0.3),
            ("wrote a letter of complaint", self._on_paper, 0.2),
        ):
            if self.scene.happens(kind, every_days=self.every_days / share):
                self.scene.plan_today((0, 23.98), kind, act)
        self.scene.plan_today((8, 18), "looked at the board", self._looks_at_board)

    async def _looks_at_board(self) -> None:
        """What came by mail, and what was answered by a letter that came back."""
        async with self.scene.shop.web.db.snapshot() as tx:
            found = (await tx.execute(sa.text(_OPEN))).scalars().all()
        for complaint_id in map(ComplaintId, found):
            if complaint_id in self.settled:
                self.settled.remove(complaint_id)
                when = self.scene.now + some_time(self.scene.chance("answers again"), 0.05, 3)
                self.scene.plan(when, "answered what came back", partial(self._answers, complaint_id))
            elif complaint_id not in self.fates:
                case = await self._case(complaint_id)
                again = self._writer_of(case.previous_id) if case.previous_id else ""
                self._goes_on(case, again or self.scene.shop.mailbag.writers[case.received_at])

    async def _customer(self) -> None:
        here = [who for who in self.scene.shoppers if who.here]
        if here:
            who = self.scene.chance("who complains").choice(here)
            form = Form(written=self._written(), about_manager=self._about_manager())
            await self._lodges(form, who.customer_id, who.email)

    async def _stranger(self) -> None:
        number = self.scene.chance("strangers").randrange(40)
        form = Form(written=self._written(), name="Lee Stranger", email=f"stranger.{number}@example.org")
        await self._lodges(form, None, form.email)

    async def _lodges(self, form: Form, customer_id: CustomerId | None, writer: str) -> None:
        given = self.scene.shop.web_given("db", "vault", "clock", "allowances")
        origin = f"sim {len(self.fates)}"
        lodged = await complain(form, origin, customer_id=customer_id, **given)
        self._goes_on(lodged.complaint, writer)

    async def _on_paper(self) -> None:
        """It reached the office some days ago (E82)."""
        chance = self.scene.chance("paper")
        received = max(self.scene.now - some_time(chance, 0, 4), self.scene.start)
        paper = Paper(
            channel="post",
            received_at=received,
            written=self._written(),
            name="Pat Paper",
            postal="12 Quiet Street, Los Angeles, CA 90012",
            cabinet_id=chance.choice(self.office.cabinets) if self.office.cabinets else None,
            email=f"pat.{chance.randrange(20)}@example.org" if chance.random() < HAS_A_MAILBOX else "",
        )
        given = self.scene.shop.web_given("db", "vault", "clock")
        member = await self.office.acting(self.office.of_role(Role.PRIVACY))
        lodged = await enter(paper, by=member, opened_at=self.scene.start, **given)
        self._goes_on(lodged.complaint, paper.email)

    def _written(self) -> Written:
        chance = self.scene.chance("words")
        if chance.random() < UNSPECIFIC:
            return Written.parse([], "I am not happy with how you treat people's data.")
        return Written.parse(chance.sample(CONCERNS, chance.randrange(1, 3)), "")

    def _about_manager(self) -> bool:
        return self.scene.chance("about the manager").random() < ABOUT_MANAGER

    def _goes_on(self, case: Complaint, writer: str) -> None:
        scene, chance = self.scene, self.scene.chance("fates")
        if writer:
            self.writers[case.id] = Writer(number=case.number, address=writer, since=case.received_at)
        fate = chance.choices(list(FATES), weights=list(FATES.values()))[0]
        self.fates[case.id] = fate
        if chance.random() < ASSIGNED:
            when = case.received_at + some_time(chance, 0.5, 5)
            scene.plan(when, "gave a complaint to somebody", partial(self._assigns, case.id))
        if case.to_post:
            posted = scene.now + some_time(scene.chance("the post"), 0, 2)
            scene.plan(posted, "posted an acknowledgement", partial(self._acknowledges, case.id))
        if chance.random() < ADDS:
            when = scene.now + some_time(chance, 1, 25)
            scene.plan(when, "added to a complaint", partial(self._adds, case.id))
        if fate is not Fate.NEVER:
            scene.plan(_meant(case, fate, chance), "answered a complaint", partial(self._answers, case.id))

    async def _adds(self, complaint_id: ComplaintId) -> None:
        await add_to(complaint_id, "One more thing.", **self.scene.shop.web_given("db", "vault", "clock"))

    async def _assigns(self, complaint_id: ComplaintId) -> None:
        by, now = await self._investigator(await self._case(complaint_id)), self.scene.now
        async with self.scene.shop.web.db.snapshot() as tx:
            acting = await staff.delegates(tx, Scope.COMPLAINTS, now)
        whom: StaffId = self.scene.chance("whom").choice(acting) if acting else by.id
        await hand_on(complaint_id, whom, by=by, **self.scene.shop.web_given("db", "clock"))

    async def _acknowledges(self, complaint_id: ComplaintId) -> None:
        case, now = await self._case(complaint_id), self.scene.now
        if case.to_post:
            by = await self._investigator(case)
            await acknowledge(complaint_id, posted_at=now, by=by, **self.scene.shop.web_given("db", "clock"))

    async def _answers(self, complaint_id: ComplaintId) -> None:
        """By letter where there is a mailbox; what is not answered by that some days later is answered on paper."""
        case = await self._case(complaint_id)
        if not case.open:
            self._answered(case)
            return
        looks = partial(self._answers, complaint_id)
        self.scene.plan(self.scene.now + LOOKS_AGAIN, "looked whether it is answered", looks)
        on_paper = complaint_id in self.tried or case.on_paper or case.channel == "post"
        chance = self.scene.chance("posting")
        later = case.on_paper and chance.random() < POSTED_LATER
        given = self.scene.shop.web_given("db", "vault", "clock")
        by = await self._investigator(case)
        posted = OnPaper(posted_at=None if later else self.scene.now)
        await answer(case.id, FOUND, on_paper=posted if on_paper else None, by=by, **given)
        self.tried.add(complaint_id)
        if later:
            when = self.scene.now + some_time(chance, 0.1, 5)
            self.scene.plan(when, "posted an answer", partial(self._posts, complaint_id))
        elif on_paper:
            self._may_come_back(complaint_id)

    async def _posts(self, complaint_id: ComplaintId) -> None:
        """What was signed some days ago and printed."""
        by, given = await self._investigator(await self._case(complaint_id)), self.scene.shop.web_given("db", "clock")
        await post_answer(complaint_id, posted_at=self.scene.now, by=by, **given)
        self._may_come_back(complaint_id)

    def _may_come_back(self, complaint_id: ComplaintId) -> None:
        """The post does not find everybody."""
        chance = self.scene.chance("the post again")
        if chance.random() < UNFOUND:
            when = self.scene.now + some_time(chance, 2, 9)
            self.scene.plan(when, "brought an answer back", partial(self._comes_back, complaint_id))

    async def _comes_back(self, complaint_id: ComplaintId) -> None:
        by = await self._investigator(await self._case(complaint_id))
        await answer_came_back(complaint_id, by=by, **self.scene.shop.web_given("db", "clock"))

    def _answered(self, case: Complaint) -> None:
        chance = self.scene.chance("after the answer")
        self.settled.add(case.id)
        if case.late(self.scene.now) and case.explained_at is None:
            when = self.scene.now + some_time(chance, 0.1, 6)
            self.scene.plan(when, "explained a breach", partial(self._explains, case.id))
        if chance.random() < CONTINUES:
            when = self.scene.now + some_time(chance, 1, 20)
            self.scene.plan(when, "was not content", partial(self._continues, case.id))

    async def _explains(self, complaint_id: ComplaintId) -> None:
        by = await self._investigator(await self._case(complaint_id))
        given = self.scene.shop.web_given("db", "vault", "clock")
        await explain(complaint_id, "It lay under other papers.", by=by, **given)

    async def _continues(self, complaint_id: ComplaintId) -> None:
        given = self.scene.shop.web_given("db", "vault", "clock")
        lodged = await not_resolved(complaint_id, self._written(), **given)
        self._goes_on(lodged.complaint, self._writer_of(complaint_id))

    def _writer_of(self, complaint_id: ComplaintId) -> str:
        writer = self.writers.get(complaint_id)
        return writer.address if writer else ""

    async def _case(self, complaint_id: ComplaintId) -> Complaint:
        async with self.scene.shop.web.db.snapshot() as tx:
            return await reads.find(tx, complaint_id)

    async def _investigator(self, case: Complaint) -> StaffMember:
        """Its handler, where they may act; otherwise the administrator or the manager, whoever may."""
        people = [who for who in self.scene.staff if not who.gone and who.id != case.against]
        people.sort(key=lambda who: (who.id != case.handler_id, not who.at_work(self.scene.now)))
        members = [await self.office.acting(who) for who in people]
        return next((member for member in members if member.may("complaints:answer")), members[0])


def _meant(case: Complaint, fate: Fate, chance: Random) -> datetime:
    """When somebody sits down to answer."""
    if fate is Fate.EARLY:
        return case.received_at + some_time(chance, 1, 12)
    if fate is Fate.IN_TIME:
        return day_begins(case.due_at, 18) + some_time(chance, 0, 11)
    if fate is Fate.LAST_DAY:
        return case.due_at - timedelta(seconds=chance.randrange(5, 40_000))
    return case.due_at + some_time(chance, 0.02, 25)
