"""What reaches the mailbox: complaints and replies of people, letters of ours that come back, machines (C12, E86)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final

from kalecart.database import Tx
from kalecart.inbound.outcome import Outcome
from kalecart.mail.letter import Letter
from kalecart.privacy.retention import ON_RECORD
from simulation.complainants import CONCERNS, Complainants
from simulation.emails import SENDER, a_report, an_email
from simulation.letters_read import became
from simulation.mailbag import Dropped
from simulation.people import some_time
from simulation.scene import Scene

# Of all letters that a mail server takes: come back all the same, are late, are answered by a machine.
RETURNED, DELAYED, ANSWERED_BY_ITSELF = 0.015, 0.01, 0.015
TWICE, REPLIES, CONTRADICTS, BY_CUSTOMERS = 0.15, 0.2, 0.3, 0.5
# By then whatever arrived has been read, whoever was down.
READ_WITHIN: Final = timedelta(days=5)
EITHER: Final = frozenset({Outcome.ADDED, Outcome.AGAIN})


@dataclass
class Writers:
    """`became` counts what messages were taken for, `wrong` names those that were taken for something else."""

    scene: Scene
    complainants: Complainants
    every_days: float = 18
    became: Counter[Outcome] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    _looked: int = 0

    def begin(self) -> None:
        self.scene.shop.post.taken = self._was_taken

    def plan_day(self) -> None:
        self._may_happen("mailed a complaint", 1, self._complains)
        self._may_happen("mailed what nobody can place", 1.5, self._puzzles)
        self._may_happen("replied by mail", 0.25, self._replies)

    def _may_happen(self, what: str, often: float, act: Callable[[datetime], None]) -> None:
        """A mailbox takes what comes, whether the shop is awake or not."""
        if self.scene.happens(what, every_days=self.every_days * often):
            when = self.scene.now + some_time(self.scene.chance(f"{what} at"), 0.01, 0.95)
            self.scene.agenda.plan(when.replace(microsecond=0), partial(self._acts, what, act))

    async def _acts(self, what: str, act: Callable[[datetime], None]) -> None:
        act(self.scene.now)
        self.scene.did[what] += 1

    def _complains(self, now: datetime) -> None:
        chance = self.scene.chance("mailed complaints")
        here = [who for who in self.scene.shoppers if who.here]
        writer = f"mail.{chance.randrange(30)}@example.org"
        if here and chance.random() < BY_CUSTOMERS:
            writer = chance.choice(here).email
        content = an_email(chance, f"A Writer <{writer}>", chance.choice(CONCERNS), at=now)
        self.scene.shop.mailbag.writers[now] = writer
        self._drop(content, Outcome.COMPLAINT, copies=1 + (chance.random() < TWICE))

    def _replies(self, now: datetime) -> None:
        """To a letter about a complaint that is on record: something more, or that it is not resolved."""
        chance = self.scene.chance("mailed replies")
        answered, text = chance.random() < CONTRADICTS, "One more thing."
        known = {case: who for case, who in self.complainants.writers.items() if now < who.since + ON_RECORD}
        settled = [who for case, who in known.items() if case in self.complainants.settled]
        if answered and settled:
            text = "This is not resolved."
        if known:
            to = chance.choice(settled if answered and settled else list(known.values()))
            if not any(who.email == to.address and who.left for who in self.scene.shoppers):
                subject = f"Re: your complaint {to.number}"
                content = an_email(chance, to.address, text, at=now, To=SENDER, Subject=subject)
                self._drop(content, *EITHER, copies=1 + (chance.random() < TWICE))

    def _puzzles(self, now: datetime) -> None:
        """What a machine sent, what is ours, and what is for a person to read."""
        chance = self.scene.chance("puzzles")
        content, outcome = chance.choice(_PUZZLES)(chance, now)
        self._drop(content, outcome)

    def _drop(self, content: bytes, *may_be: Outcome, copies: int = 1) -> None:
        self._arrives(Dropped(at=self.scene.now, content=content, may_be=frozenset(may_be)), copies=copies)

    def _arrives(self, message: Dropped, *, copies: int = 1) -> None:
        self.scene.shop.mailbag.drop(message, copies=copies)
        self.scene.agenda.plan(self.scene.now + READ_WITHIN, partial(self._is_looked_at, message))

    def _was_taken(self, letter: Letter) -> None:
        """A mail server took a letter of ours: what may come of it is drawn for each address and instant."""
        chance = Random(f"{self.scene.seed}:taken:{letter.to}:{letter.written_at}")
        drawn, when = chance.random(), self.scene.now + some_time(chance, 0.0005, 1.5)
        when = when.replace(microsecond=0)
        if drawn < RETURNED:
            self.scene.agenda.plan(when, partial(self._comes_back, letter))
        elif drawn < RETURNED + DELAYED:
            self.scene.agenda.plan(when, partial(self._is_late, letter))
        elif drawn < RETURNED + DELAYED + ANSWERED_BY_ITSELF:
            self.scene.agenda.plan(when, partial(self._answers_by_itself, letter, chance))

    async def _comes_back(self, letter: Letter) -> None:
        self.scene.shop.post.counted["came back"] += 1
        content = a_report(letter.id, letter.to, at=self.scene.now)
        may_be = frozenset({Outcome.CAME_BACK})
        self._arrives(Dropped(at=self.scene.now, content=content, may_be=may_be, letter=letter.id))

    async def _is_late(self, letter: Letter) -> None:
        self._drop(a_report(letter.id, letter.to, at=self.scene.now, final=False), Outcome.LATE)

    async def _answers_by_itself(self, letter: Letter, chance: Random) -> None:
        told = {"To": SENDER, "Subject": f"Out of office: {letter.subject}", "Auto_Submitted": "auto-replied"}
        self._drop(an_email(chance, letter.to, "Back on Monday.", at=self.scene.now, **told), Outcome.AUTOMATIC)

    async def _is_looked_at(self, message: Dropped) -> None:
        """By the owner, once it was read."""
        async with self.scene.shop.at["owner"].db.snapshot() as tx:
            outcome, wrong = await became(tx, message, self.scene.shop.vault)
        self._looked += 1
        self.wrong += wrong
        self.became.update([outcome] if outcome is not None else [])

    async def in_the_end(self, tx: Tx) -> tuple[Mapping[Outcome, int], Sequence[str]]:
        """What everything became, and what is wrong with it; what arrived in the last days is looked at now."""
        counted, wrong = self.became.copy(), list(self.wrong)
        for message in self.scene.shop.mailbag.dropped[self._looked :]:
            outcome, mistakes = await became(tx, message, self.scene.shop.vault)
            counted.update([outcome] if outcome is not None else [])
            wrong += mistakes
        return counted, wrong


def _a_list(chance: Random, now: datetime) -> tuple[bytes, Outcome]:
    return an_email(chance, "news@example.net", "Buy this.", at=now, List_Id="<news.example.net>"), Outcome.ASIDE


def _about_an_order(chance: Random, now: datetime) -> tuple[bytes, Outcome]:
    told = {"To": SENDER, "Subject": "Re: your receipt"}
    return an_email(chance, "somebody@example.org", "Where is it?", at=now, **told), Outcome.ASIDE


def _of_our_own(chance: Random, now: datetime) -> tuple[bytes, Outcome]:
    return an_email(chance, SENDER, "A copy.", at=now), Outcome.OWN


def _nonsense(chance: Random, _now: datetime) -> tuple[bytes, Outcome]:
    return b"\x00\xff no message " + str(chance.random()).encode(), Outcome.ASIDE


_PUZZLES: Final = (_a_list, _about_an_order, _of_our_own, _nonsense)
