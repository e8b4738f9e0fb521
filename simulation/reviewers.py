"""Who reviews each quarter what everybody may do: confirmed, taken away, decided twice, or left lying (C8)."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import UUID

from kalecart.audits import reads
from kalecart.audits.decide import LEAVES, Asked, decide
from kalecart.audits.review import Kind, Line, Outcome
from kalecart.errors import NotFound
from kalecart.ids import StaffId
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Right, Role
from simulation.office import Office
from simulation.people import Colleague, some_time
from simulation.scene import Scene

# Of the lines that are open when somebody sits down to them, and of those about whoever picks orders.
LOOKED_AT, TAKEN, AGAIN = 0.7, 0.12, 0.08


@dataclass
class Reviewers:
    """`decided` counts what was let through, by line; `wrong` is what somebody may do though it was taken away."""

    scene: Scene
    office: Office
    every_days: float = 14
    decided: Counter[UUID] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def plan_day(self) -> None:
        if self.scene.happens("review", every_days=self.every_days):
            self.scene.plan_today((9, 17), "sat down to a review", self._sits_down)

    async def _sits_down(self) -> None:
        """The manager to most lines, whoever acts for him to his; some are left for another day."""
        scene, chance = self.scene, self.scene.chance("review lines")
        async with scene.shop.web.db.snapshot() as tx:
            open_lines = [
                line
                for review in await reads.reviews(tx, now=scene.now)
                for line in await reads.lines(tx, review.id, now=scene.now)
                if line.open
            ]
        for line in self._in_order(open_lines):
            if chance.random() < LOOKED_AT:
                asked = self._judged(line)
                when = scene.now + some_time(chance, 0, 0.05)
                for turn in range(1 + (chance.random() < AGAIN)):
                    later = when + timedelta(minutes=turn)
                    scene.plan(later, "reviewed what somebody may do", partial(self._decides, line, asked))

    def _in_order(self, lines: list[Line]) -> list[Line]:
        """Of the people as they joined: the ids of lines are random."""
        place = {who.id: number for number, who in enumerate(self.scene.staff)}
        return sorted(lines, key=lambda line: (place[line.staff_id], line.kind, line.what))

    def _judged(self, line: Line) -> Asked:
        """Only of whoever picks orders something is taken away, and one of them is left."""
        who, chance = self._who(line.staff_id), self.scene.chance("review judges")
        pickers = [each for each in self.scene.staff if each.role is Role.ORDERS and not each.gone]
        may_go = who.role is Role.ORDERS and (line.kind is Kind.DESIGNATION or who is not pickers[0])
        if not may_go or chance.random() >= TAKEN:
            return Asked(outcome=Outcome.KEPT)
        return Asked(outcome=Outcome.TAKEN, instead=Role.PRIVACY if line.kind is Kind.ROLE else LEAVES)

    async def _decides(self, line: Line, asked: Asked) -> None:
        by = await may_act(self.scene, self.office, "access:review", but=line.staff_id)
        await decide(line.id, asked, by=by, **self.scene.shop.web_given("db", "clock"))
        self.decided[line.id] += 1
        if asked.outcome == Outcome.TAKEN:
            if line.kind is Kind.ROLE:
                self._who(line.staff_id).role = Role(asked.instead)
            async with self.scene.shop.web.db.snapshot() as tx:
                if await reads.still_held(tx, line, now=self.scene.now):
                    self.wrong.append(f"{line.what} was taken from {line.staff_id}, who has it still")

    def _who(self, staff_id: StaffId) -> Colleague:
        return next(who for who in self.scene.staff if who.id == staff_id)


async def may_act(scene: Scene, office: Office, right: Right, *, but: StaffId | None = None) -> StaffMember:
    """The manager, or whoever acts for him where it is about him or he is away. Raises NotFound for nobody."""
    people = [who for who in scene.staff if who.id != but and who.at_work(scene.now)]
    people.sort(key=lambda who: who.role is not Role.MANAGER)
    for who in people:
        member = await office.acting(who)
        if member.may(right):
            return member
    raise NotFound("Nobody is here who may.")
