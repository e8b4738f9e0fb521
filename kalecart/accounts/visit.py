"""What a browser brings to the door, and what it leaves with."""

from dataclasses import dataclass

from kalecart.ids import CustomerId


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Where a request comes from (its IP address), and the tokens in its cookies."""

    origin: str
    session_token: str | None = None
    cart_token: str | None = None


@dataclass(frozen=True, kw_only=True)
class Entered:
    """A log-in that began. Both tokens are new: one planted before opens nothing now (E11)."""

    customer_id: CustomerId
    session_token: str
    cart_token: str | None
