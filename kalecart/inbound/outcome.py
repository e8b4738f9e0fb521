"""What became of a message from the mailbox."""

from enum import StrEnum


class Outcome(StrEnum):
    """`ASIDE` is what a person must read, and the only one that leaves the message where it was."""

    COMPLAINT = "complaint"
    ADDED = "added"
    AGAIN = "again"
    CAME_BACK = "came_back"
    LATE = "late"
    AUTOMATIC = "automatic"
    OWN = "own"
    ASIDE = "aside"
