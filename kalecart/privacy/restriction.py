"""What somebody decided to keep back from a package, and the steps along which that moves (C11, E62).

    decided ───────────────────────────────▶ lifted
    proposed ──▶ accepted, narrowed ──▶ signed ──▶ lifted
        └──────────────────────────────▲

Cost alone is proposed, with an estimate the person is told; nothing is kept back for it before the manager has signed.
From wherever it is, a restriction can be lifted, and what was lifted decided again. Each step is a line of its own that
is never changed: the last one about a thing counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from kalecart.errors import Conflict
from kalecart.ids import RequestId, StaffId
from kalecart.privacy.hold import HoldKind
from kalecart.privacy.register import REGISTER, about
from kalecart.privacy.register.entry import Reason

# So long the manager waits for an answer to an estimate before signing without one.
ANSWER_WITHIN: Final = timedelta(days=7)
# Whoever finds an estimate too high may have this much searched, and no more.
NARROWED_TO: Final = "the last twelve months"
# What is kept outside the tables, and takes a search by hand.
SEARCHES: Final[Mapping[str, str]] = {
    "paper": "Paper with your name on it in our cabinets",
    "backups": "Copies of the shop from before, which go by themselves within weeks",
}
# Whose data it is, and what became of requests, is never kept back.
_NEVER: Final = frozenset({"customer", "erasure", "erasure_wait"})


class Step(StrEnum):
    DECIDED = "decided"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    NARROWED = "narrowed"
    SIGNED = "signed"
    LIFTED = "lifted"


ARROWS: Final[Mapping[Step | None, frozenset[Step]]] = {
    None: frozenset({Step.DECIDED, Step.PROPOSED}),
    Step.DECIDED: frozenset({Step.LIFTED}),
    Step.PROPOSED: frozenset({Step.ACCEPTED, Step.NARROWED, Step.SIGNED, Step.LIFTED}),
    Step.ACCEPTED: frozenset({Step.SIGNED, Step.LIFTED}),
    Step.NARROWED: frozenset({Step.SIGNED, Step.LIFTED}),
    Step.SIGNED: frozenset({Step.LIFTED}),
    Step.LIFTED: frozenset({Step.DECIDED, Step.PROPOSED}),
}
ANSWERS: Final = (Step.ACCEPTED, Step.NARROWED)


class Ground(StrEnum):
    """Why, more closely than the five reasons. A list and no free text: what one types may name somebody else."""

    OPEN_DISPUTE = "open_dispute"
    LEGAL_HOLD = "legal_hold"
    LAW = "law"
    SOMEBODY_ELSE = "somebody_else"
    MISUSE = "misuse"
    PARTNER = "partner"
    COST = "cost"


@dataclass(frozen=True, kw_only=True)
class Because:
    """Which of the five reasons a ground is, and its words for the person. `while_` is what there must be for it."""

    reason: Reason
    words: str
    while_: HoldKind | None = None


GROUNDS: Final[Mapping[Ground, Because]] = {
    Ground.OPEN_DISPUTE: Because(
        reason=Reason.LEGAL,
        words="A charge of yours is contested at your bank, and it is what we answer the bank with."
        " Ask again once the bank has decided.",
        while_=HoldKind.OPEN_DISPUTE,
    ),
    Ground.LEGAL_HOLD: Because(
        reason=Reason.LEGAL,
        words="A case obliges us to keep it as it is and to ourselves. Ask again once the case is over.",
        while_=HoldKind.LEGAL_HOLD,
    ),
    Ground.LAW: Because(reason=Reason.LEGAL, words="A law forbids us to hand it over."),
    Ground.SOMEBODY_ELSE: Because(
        reason=Reason.OTHER_INDIVIDUAL, words="It tells of somebody else, who cannot be left out of it."
    ),
    Ground.MISUSE: Because(
        reason=Reason.SECURITY, words="It would show how we notice misuse of accounts and payments."
    ),
    Ground.PARTNER: Because(
        reason=Reason.PROPRIETARY, words="It belongs to a partner of ours, who does not let us hand it over."
    ),
    Ground.COST: Because(
        reason=Reason.COST, words="Finding it by hand would cost out of proportion; you were told the estimate before."
    ),
}


class RestrictionMovedOn(Conflict):
    """That was decided already."""


class StillUndecided(Conflict):
    """Something about this request is still to be decided."""


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """The last step about one thing of one request. `what` is a table of the register, or one of `SEARCHES`; `number`
    counts the steps of the request. The estimate is in cents, and there for cost alone."""

    request_id: RequestId
    number: int
    what: str
    ground: Ground
    step: Step
    at: datetime
    staff_id: StaffId | None
    estimate_cents: int | None = None
    told_at: datetime | None = None
    narrowed: bool = False

    @property
    def reason(self) -> Reason:
        return GROUNDS[self.ground].reason

    @property
    def title(self) -> str:
        """What it is, for the person."""
        title = thing(self.what)
        return f"{title}: all but {NARROWED_TO}" if self.narrowed else title

    @property
    def words(self) -> str:
        return GROUNDS[self.ground].words

    @property
    def in_force(self) -> bool:
        return self.step in (Step.DECIDED, Step.SIGNED)

    @property
    def undecided(self) -> bool:
        """Whether it waits for the person or for the manager."""
        return Step.SIGNED in ARROWS[self.step]

    @property
    def answer_by(self) -> datetime | None:
        return self.told_at + ANSWER_WITHIN if self.told_at else None

    def may_be_signed(self, now: datetime) -> bool:
        """Once the person answered, or has had the time to (E62)."""
        if self.step in ANSWERS:
            return True
        return self.step is Step.PROPOSED and self.answer_by is not None and now >= self.answer_by


def require_arrow(last: Restriction | None, step: Step) -> None:
    """Raise RestrictionMovedOn where there is no such arrow from there."""
    if step not in ARROWS[last.step if last else None]:
        raise RestrictionMovedOn("Look at the request again.", step=str(last.step) if last else None)


def thing(what: str) -> str:
    return SEARCHES[what] if what in SEARCHES else REGISTER[what].says


def restrictable() -> Mapping[str, str]:
    """The tables of which something may be kept back, with what they are: those with rows about a person."""
    tables = (table for table in REGISTER.values() if about(table) and table.name not in _NEVER)
    return {table.name: table.says for table in tables if not table.name.startswith(("privacy_", "vault."))}
