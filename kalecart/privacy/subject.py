"""Who a piece of data is about, as far as the register needs to tell people apart (C10, C11)."""

from enum import StrEnum


class Part(StrEnum):
    """What a person has to do with a row: a row may be about one, written by another, and mention a third."""

    SUBJECT = "subject"
    ACTOR = "actor"
    OTHER = "other"
