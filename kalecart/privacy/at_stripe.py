"""What Stripe holds about a person, asked of Stripe: a part of the package like any other (C10)."""

from collections.abc import Sequence
from typing import Final

from kalecart.payments.gateway import Gateway, NotAtStripe
from kalecart.privacy.package import Column, PackagePart

TABLE: Final = "stripe"
SAYS: Final = "What Stripe, our payment provider, holds about you for us"
_NAMES: Final = {
    "kind": "What it is",
    "since": "Since",
    "name": "Name",
    "email": "E-mail address",
    "phone": "Phone number",
    "address": "Address",
    "shipping": "Address for deliveries",
    "description": "Description",
    "metadata": "The number we know you by",
    "brand": "Network",
    "funding": "Credit or debit",
    "country": "Country",
    "bank_name": "Bank",
    "last4": "Last four digits",
    "exp_month": "Month it ends",
    "exp_year": "Year it ends",
}


async def part_at_stripe(parts: Sequence[PackagePart], gateway: Gateway) -> PackagePart | None:
    """None where Stripe knows nothing of the person. Raises Unavailable where it does not answer."""
    customers = [record for part in parts if part.table == "customer" for record in part.records]
    known = [str(record["stripe_customer_id"]) for record in customers if record["stripe_customer_id"]]
    if not known:
        return None
    try:
        held = await gateway.held_about(known[0])
    except NotAtStripe:
        return None
    records = [{"id": each["id"]} | {name: each.get(name) for name in _NAMES} for each in held]
    return PackagePart(table=TABLE, says=SAYS, key="id", columns=[_column(name) for name in _NAMES], records=records)


def _column(name: str) -> Column:
    return Column(
        name=name,
        says=_NAMES[name],
        category="what you pay with",
        purpose="payment_and_delivery",
        source="you gave it to Stripe, or we did",
        retention="for as long as you have your account; we have Stripe forget it then",
    )
