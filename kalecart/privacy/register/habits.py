"""What is counted about people who agreed to it, and what was told of it, which is about nobody."""

from typing import Final

from kalecart.consent.purpose import Purpose
from kalecart.privacy.register.entry import (
    AsItIs,
    Category,
    Described,
    Disclosure,
    Erasure,
    NotPersonal,
    Number,
    Personal,
    Source,
    Table,
)
from kalecart.privacy.subject import Part


def _counted(says: str, disclose: Disclosure | None = None) -> Personal:
    return Personal(
        says=says,
        category=Category.ORDERS,
        source=Source.SHOP,
        retention="habits",
        disclose=disclose or AsItIs(),
        erase=Erasure.DELETED,
        purpose=Purpose.IMPROVE_SERVICE,
    )


_CALENDAR: Final = "a day of the shop's calendar"
_CATALOGUE: Final = "what was on sale in a quarter"
_BUDGET: Final = "how much may be told in a year, and was"
_QUESTION: Final = "a question about many people, by staff or by the calendar"
_FILE: Final = "a file of released answers for people outside the shop, and holds nothing else"
_ASKED: Final = {"sku": "a product", "survey": "the number of a survey", "question": "the number of its question"} | {
    "position": "its place",
    "title": "the survey's title",
    "words": "what was asked",
    "as": "how it was answered",
    "each_max": "in how many products one person counts at most",
}
_ANSWERED: Final = {
    "keys": "what is counted: products, aisles, or answers that many people gave",
    "counts": "how many people, with noise",
    "scale": "how much noise",
    "within": "how far a count may be off",
    "within_both": "how far it may be off beside another",
    "each_max": "how many of the counts one person changes at most",
    "threshold": "below which an answer is not shown",
    "year_epsilon": "what a year of releases amounts to",
    "year_delta": "what a year of releases amounts to",
}
_WINDOW: Final = "a view of other tables, where it is classified: it holds nothing itself"
_DAYS: Final = Described("The days are those of your orders.")

TABLES: Final = (
    Table(
        name="pseudonym",
        says="The random numbers under which you are counted, because you agreed to it",
        columns={
            "id": Number(names="pseudonym"),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "purpose": _counted("What for"),
            "period": _counted("For which quarter or survey"),
            "made_at": _counted("Since when"),
        },
    ),
    Table(
        name="habit",
        says="What you bought in a quarter, each product once, as it is counted",
        key="pseudonym",
        columns={
            "pseudonym": Number(names="pseudonym", through=True),
            "sku": _counted("The product"),
            "quarter": _counted("The quarter"),
            "draw": NotPersonal("puts a person's products in an order by chance"),
            "days": _counted("On which days", _DAYS),
        },
    ),
    Table(
        name="purchase_seen",
        says="What the worker who counts can see of orders",
        key="pseudonym",
        columns={
            "day": NotPersonal(_WINDOW),
            "quarter": NotPersonal(_WINDOW),
            "pseudonym": NotPersonal(_WINDOW),
            "sku": NotPersonal(_WINDOW),
        },
    ),
    Table(
        name="counted_day",
        says="The days that were counted",
        key="day",
        columns={
            "day": NotPersonal(_CALENDAR),
            "quarter": NotPersonal(_CALENDAR),
            "starts_at": NotPersonal(_CALENDAR),
            "ends_at": NotPersonal(_CALENDAR),
            "counted_at": NotPersonal(_CALENDAR),
        },
    ),
    Table(
        name="counted_product",
        says="The products whose shares are released",
        key="sku",
        columns={
            "quarter": NotPersonal(_CALENDAR),
            "sku": NotPersonal(_CATALOGUE),
            "name": NotPersonal(_CATALOGUE),
            "aisle": NotPersonal(_CATALOGUE),
        },
    ),
    Table(
        name="envelope",
        says="The budgets of what may be told",
        columns={
            "id": NotPersonal(_BUDGET),
            "year": NotPersonal(_BUDGET),
            "kind": NotPersonal(_BUDGET),
            "period": NotPersonal(_BUDGET),
            "cap_microrho": NotPersonal(_BUDGET),
            "spent_microrho": NotPersonal(_BUDGET),
            "renews_on": NotPersonal(_BUDGET),
        },
    ),
    Table(
        name="release",
        says="Questions about many people, and what each cost",
        acts=("kind", "debited_at"),
        did="Questions about many people that you asked",
        key="key",
        columns={
            "key": NotPersonal(_QUESTION),
            "kind": NotPersonal(_QUESTION),
            "period": NotPersonal(_QUESTION),
            "question": NotPersonal(_QUESTION, keys=_ASKED),
            "envelope_id": NotPersonal(_BUDGET),
            "microrho": NotPersonal(_BUDGET),
            "delta": NotPersonal(_BUDGET),
            "asked_by": Number(names="staff", part=Part.ACTOR),
            "debited_at": NotPersonal(_QUESTION),
            "code_version": NotPersonal("which code drew the noise"),
        },
    ),
    Table(
        name="release_answer",
        says="Answers to such questions, with noise",
        key="key",
        columns={
            "key": NotPersonal(_QUESTION),
            "answer": NotPersonal("shares of many people, with noise that hides each of them", keys=_ANSWERED),
            "answered_at": NotPersonal(_QUESTION),
        },
    ),
    Table(
        name="figures_export",
        says="Files of released answers, and who asked for them",
        acts=("format", "asked_at"),
        did="Files of figures you asked for",
        columns={
            "id": Number(names="figures_export"),
            "releases": NotPersonal("which releases"),
            "format": NotPersonal(_FILE),
            "asked_by": Number(names="staff", part=Part.ACTOR),
            "asked_at": NotPersonal(_FILE),
            "expires_at": NotPersonal(_FILE),
            "made_at": NotPersonal(_FILE),
            "refused": NotPersonal("a code: why there is no file"),
            "lines": NotPersonal(_FILE),
            "bytes": NotPersonal(_FILE),
            "sha256": NotPersonal(_FILE),
            "content": NotPersonal(_FILE),
        },
    ),
)
