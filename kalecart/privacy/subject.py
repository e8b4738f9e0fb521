"""Who a piece of data is about, as far as the register needs to tell people apart (C10, C11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID


class Part(StrEnum):
    """What a person has to do with a row: a row may be about one, written by another, and mention a third."""

    SUBJECT = "subject"
    ACTOR = "actor"
    OTHER = "other"


class PersonKind(StrEnum):
    """What a person is to the shop: each is the name of the table whose rows they are."""

    CUSTOMER = "customer"
    CORRESPONDENT = "correspondent"
    STAFF = "staff"

    @property
    def column(self) -> str:
        """What a number of theirs is called in other tables."""
        return f"{self}_id"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody the shop knows: a customer, somebody who wrote without an account, somebody who works or worked here."""

    kind: PersonKind
    id: UUID

    @classmethod
    def customer(cls, customer_id: UUID) -> Self:
        return cls(kind=PersonKind.CUSTOMER, id=customer_id)

    @classmethod
    def correspondent(cls, correspondent_id: UUID) -> Self:
        return cls(kind=PersonKind.CORRESPONDENT, id=correspondent_id)

    @classmethod
    def staff(cls, staff_id: UUID) -> Self:
        return cls(kind=PersonKind.STAFF, id=staff_id)

    @property
    def named(self) -> Mapping[str, UUID]:
        """As a row about them names them: their column and their number."""
        return {self.kind.column: self.id}


def person_named(row: Mapping[str, UUID | None]) -> Person | None:
    """Whom a row is about, by which of the columns has a number; None where none has."""
    found = ((kind, row.get(kind.column)) for kind in PersonKind)
    return next((Person(kind=kind, id=number) for kind, number in found if number is not None), None)
