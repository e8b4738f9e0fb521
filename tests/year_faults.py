"""What may be wrong after a year, one thing at a time: in the database (year_faults.sql), or as people know it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final, Never

import pytest

from kalecart.errors import Unavailable
from kalecart.ids import CustomerId
from kalecart.payments.listing import Span
from kalecart.payments.stripe import StripeGateway
from simulation.year import Lived
from stripesim.bank_accounts import BY_NUMBER, Outcome

Bends = Callable[[Lived, pytest.MonkeyPatch], None]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`breaks` are the rules that must go red, `says` words of the first of them."""

    what: str
    breaks: tuple[str, ...]
    says: str
    planted: tuple[str, ...] = ()
    bent: Bends = lambda _lived, _bend: None


def _planted() -> Iterator[Fault]:
    text = Path(__file__).with_name("year_faults.sql").read_text(encoding="utf-8")
    for each in text.split("-- What: ")[1:]:
        lines = each.splitlines()
        told = [line.removeprefix("-- ").partition(": ") for line in lines if line.startswith("-- ")]
        (says,) = [words for word, _, words in told if word == "Says"]
        yield Fault(
            what=lines[0],
            breaks=tuple(words for word, _, words in told if word == "Breaks"),
            says=says,
            planted=tuple(sql for sql in each.partition(f"-- Says: {says}")[2].strip().split(";") if sql),
        )


def _sent_twice(lived: Lived, bend: pytest.MonkeyPatch) -> None:
    handed = lived.scene.shop.post.handed
    bend.setitem(handed, next(iter(handed)), 2)


def _fetched_twice(lived: Lived, bend: pytest.MonkeyPatch) -> None:
    taken = lived.rights.taken
    bend.setitem(taken, next(iter(taken)), 2)


def _asked(lived: Lived, bend: pytest.MonkeyPatch) -> None:
    bend.setattr(lived.rights, "asked", [lived.rights.erased[0]])


def _here(lived: Lived) -> CustomerId:
    return next(who.customer_id for who in lived.scene.shoppers if who.here and who.customer_id)


def _never_begun(lived: Lived, bend: pytest.MonkeyPatch) -> None:
    bend.setattr(lived.rights, "erased", [_here(lived)])


def _known_at_stripe(lived: Lived, bend: pytest.MonkeyPatch) -> None:
    world = lived.scene.shop.bank.world
    known = next(each for each in world.newest("customer") if not (world.find("customer", each) or {}).get("deleted"))
    bend.setattr(lived.rights, "at_stripe", dict.fromkeys(lived.rights.erased, known))


def _all_of(outcome: Outcome) -> Bends:
    """Every bank account is one of that kind."""
    number = next(number for number, account in BY_NUMBER.items() if account.outcome is outcome)

    def bent(lived: Lived, bend: pytest.MonkeyPatch) -> None:
        bend.setattr(lived.debits, "opened", dict.fromkeys(lived.debits.opened, number))

    return bent


def _was_over(lived: Lived, bend: pytest.MonkeyPatch) -> None:
    (survey,) = lived.surveys.opened
    bend.setattr(lived.surveys, "opened", [replace(survey, closes_on=survey.closes_on - timedelta(days=6))])


def _differed(lived: Lived, bend: pytest.MonkeyPatch) -> None:
    bend.setattr(lived.surveys, "wrong", ["something else was kept"])


def _asked_about_kale(lived: Lived, bend: pytest.MonkeyPatch) -> None:
    bend.setattr(lived.inquirers, "paid", {2027: {"share:kale"}})


def _refused(lived: Lived, bend: pytest.MonkeyPatch) -> None:
    bend.setitem(lived.inquirers.spent, 2027, 1)


def _decided_twice(lived: Lived, bend: pytest.MonkeyPatch) -> None:
    decided = lived.reviewers.decided
    bend.setitem(decided, next(iter(decided)), 2)


def _filed(lived: Lived, bend: pytest.MonkeyPatch) -> None:
    bend.setattr(lived.archivists, "filed", {*lived.archivists.filed, _here(lived)})


def _taken_back(lived: Lived, bend: pytest.MonkeyPatch) -> None:
    world = lived.scene.shop.bank.world
    find = world.find
    bend.setattr(world, "find", lambda kind, ident: {**(find(kind, ident) or {}), "disputed": True})
    _all_of(Outcome.DISPUTED)(lived, bend)


def _silent(_lived: Lived, bend: pytest.MonkeyPatch) -> None:
    def intents(_gateway: StripeGateway, _span: Span) -> Never:
        raise Unavailable("Stripe is away.")

    bend.setattr(StripeGateway, "intents", intents)


def _bent(what: str, breaks: str, says: str, bent: Bends) -> Fault:
    return Fault(what=what, breaks=(breaks,), says=says, bent=bent)


_REQUESTS: Final = "each request for one's data is fulfilled once"
_ERASED: Final = "whoever was erased is gone"
_SURVEYS: Final = "surveys are told once, of what people said and did not take back"
_SHARES: Final = "staff get eight questions a year, each answered once"
_DEBITS: Final = "each debit comes to what its bank says"
FAULTS: Final = (
    *_planted(),
    _bent("a letter went out twice", "each letter goes out once", "went out 2 times", _sent_twice),
    _bent("a request is on no record", _REQUESTS, "is on no record", _asked),
    _bent("a package was fetched and nothing tells", _REQUESTS, "fetched 2 times and is told 1", _fetched_twice),
    _bent("an erasure was never begun", _ERASED, "not erased", _never_begun),
    _bent("whoever was erased is known at Stripe", _ERASED, "still known at Stripe", _known_at_stripe),
    _bent("a survey is over and open", _SURVEYS, "is over and not closed", _was_over),
    _bent("what was kept of a survey differed on the day after it", _SURVEYS, "something else was kept", _differed),
    _bent("a question that was let through is on no record", _SHARES, "is not what is on record", _asked_about_kale),
    _bent("a question was refused though the budget holds it", _SHARES, "before it had spent its budget", _refused),
    _bent("a debit was paid that its bank sent back", _DEBITS, "was paid, and its bank", _all_of(Outcome.FAILED)),
    _bent(
        "a debit was sent back that its bank paid", _DEBITS, "was sent back, and its bank", _all_of(Outcome.SUCCEEDED)
    ),
    _bent("a debit was taken back and its money is kept", _DEBITS, "was taken back, and", _taken_back),
    _bent("Stripe does not answer", "Stripe, the ledger and the orders say the same", "did not answer", _silent),
    _bent(
        "a line was decided twice",
        "each quarter is reviewed, and each line of it decided once",
        "was decided 2 times",
        _decided_twice,
    ),
    _bent(
        "a paper is in no register",
        "paper is shredded on its day, before a witness, and under no hold",
        "1 papers are in no register",
        _filed,
    ),
)
