"""Paper in locked cabinets, who has their keys, and what was shredded before a witness (C8)."""

from typing import Final

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


def _paper(says: str, disclose: Disclosure | None = None) -> Personal:
    return Personal(
        says=says,
        category=Category.CORRESPONDENCE,
        source=Source.STAFF,
        retention="paper",
        disclose=disclose or AsItIs(),
        erase=Erasure.KEPT,
    )


_TO_SEE_IT: Final = Described(
    "It lies in a locked cabinet. Write to the person responsible and name its number: you may see it at our office or"
    " have a copy."
)
_FURNITURE: Final = "a cabinet of the shop, which says nothing about anybody"

TABLES: Final = (
    Table(
        name="cabinet",
        says="Our cabinets",
        acts=("added_at",),
        did="Cabinets for paper that you set up",
        columns={
            "id": Number(names="cabinet"),
            "name": NotPersonal(_FURNITURE),
            "place": NotPersonal(_FURNITURE),
            "added_by": Number(names="staff", part=Part.ACTOR),
            "added_at": NotPersonal(_FURNITURE),
        },
    ),
    Table(
        name="cabinet_key",
        says="Who has their keys",
        acts=("at",),
        did="Keys of cabinets that you were given, or gave to somebody",
        columns={
            "id": Number(names="cabinet_key"),
            "cabinet_id": Number(names="cabinet"),
            "staff_id": Number(names="staff", part=Part.ACTOR),
            "given_by": Number(names="staff", part=Part.ACTOR),
            "at": NotPersonal("when a key changed hands"),
        },
    ),
    Table(
        name="paper_item",
        says="Papers about you in our cabinets, and those we shredded",
        acts=("what", "filed_at", "shredded_at"),
        did="Papers that you filed, shredded, or saw shredded",
        columns={
            "id": Number(names="paper_item"),
            "number": _paper("Number written on it"),
            "what": _paper("What it is"),
            "cabinet_id": _paper("Where it lies", _TO_SEE_IT),
            "customer_id": Number(names="customer", part=Part.SUBJECT),
            "correspondent_id": Number(names="correspondent", part=Part.SUBJECT),
            "staff_id": Number(names="staff", part=Part.SUBJECT),
            "filed_at": _paper("Here since"),
            "filed_by": Number(names="staff", part=Part.ACTOR),
            "keep_until": _paper("To be shredded from"),
            "shredded_at": _paper("Shredded"),
            "shredded_by": Number(names="staff", part=Part.ACTOR),
            "witness": Number(names="staff", part=Part.ACTOR),
            "early": _paper("Why it was shredded before its day"),
        },
    ),
)
