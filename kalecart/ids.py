"""Ids, made before anything is sent, so that every repetition of a request names the same thing."""

import os
import secrets
import time
from typing import Final, NewType
from uuid import UUID

CustomerId = NewType("CustomerId", UUID)
AddressId = NewType("AddressId", UUID)
CartId = NewType("CartId", UUID)
OrderId = NewType("OrderId", UUID)
TaskId = NewType("TaskId", UUID)
WindowId = NewType("WindowId", UUID)
PaymentMethodId = NewType("PaymentMethodId", UUID)
AttemptId = NewType("AttemptId", UUID)
StaffId = NewType("StaffId", UUID)
CorrespondentId = NewType("CorrespondentId", UUID)
RefundId = NewType("RefundId", UUID)
RequestId = NewType("RequestId", UUID)
SurveyId = NewType("SurveyId", UUID)
QuestionId = NewType("QuestionId", UUID)
ComplaintId = NewType("ComplaintId", UUID)

# No 0/O, 1/I/L or U: read over the telephone without asking twice. Random, because a running number
# tells every shopper how many orders the shop has.
ORDER_NUMBER_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
ORDER_NUMBER_LENGTH: Final = 9


def new_id() -> UUID:
    """A UUID of version 7 (RFC 9562): ordered by time, so that an index grows at one end.

    The twelve bits after the millisecond are its fraction, a quarter of a microsecond each (method 3 of section 6.2):
    what one process tells of an order is read in the order it was told, also within a millisecond, as long as its clock
    is not set back.
    """
    moment, rest = divmod(time.time_ns(), 1_000_000)
    value = moment << 80 | 0x7 << 76 | ((rest << 12) // 1_000_000) << 64
    return UUID(int=value | 0b10 << 62 | int.from_bytes(os.urandom(8)) >> 2)


CODE_LENGTH: Final = 10


def new_code() -> str:
    """Ten letters without look-alikes, 49 bits, for a person to type: five tries at it are none."""
    return "".join(secrets.choice(ORDER_NUMBER_ALPHABET) for _ in range(CODE_LENGTH))


def plain_code(typed: str) -> str:
    """A code as a person types it: case, blanks and dashes do not count."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def new_order_number() -> str:
    """What a person reads to us, such as `K7Q2M-9XRT`; 30^9 of them, and the database refuses a second use."""
    # One draw for all letters: each would be a call to the system, on the order's path.
    rest = secrets.randbelow(len(ORDER_NUMBER_ALPHABET) ** ORDER_NUMBER_LENGTH)
    letters = ""
    for _ in range(ORDER_NUMBER_LENGTH):
        rest, letter = divmod(rest, len(ORDER_NUMBER_ALPHABET))
        letters += ORDER_NUMBER_ALPHABET[letter]
    return f"{letters[:5]}-{letters[5:]}"
