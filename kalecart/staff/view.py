"""Look at a customer's details as staff: allowed by the role, for a stated purpose, and on record (C8)."""

from enum import StrEnum

from kalecart import audit, tombstones
from kalecart.clock import SHOP_ZONE, Clock
from kalecart.customers import reads as customers
from kalecart.customers.profile import Profile
from kalecart.database import Database
from kalecart.errors import Invalid, NotFound
from kalecart.ids import CustomerId
from kalecart.staff import store
from kalecart.staff.member import StaffMember
from kalecart.vault import Vault


class PersonErased(NotFound):
    """This person was erased."""


class ViewPurpose(StrEnum):
    """What a look can be for. A list and no free text: what one types about a person is personal too."""

    DELIVERY = "delivery"
    QUESTION = "question"
    PAYMENT = "payment"
    PRIVACY_REQUEST = "privacy_request"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    ViewPurpose.DELIVERY: "Deliver this order",
    ViewPurpose.QUESTION: "Answer the customer's question",
    ViewPurpose.PAYMENT: "Settle a question about payment",
    ViewPurpose.PRIVACY_REQUEST: "Handle a privacy request",
}


def required_purpose(stated: str) -> ViewPurpose:
    """Raise Invalid where it is not one of the list."""
    if stated not in set(ViewPurpose):
        raise Invalid({"/purpose": "Say what you need these details for. The customer can see it."})
    return ViewPurpose(stated)


async def record_view(
    customer_id: CustomerId, *, purpose: str, by: StaffMember, db: Database, vault: Vault, clock: Clock
) -> Profile:
    """The customer's details, opened in the transaction that records who looked and what for.

    Of somebody who is being erased it is what a hold still keeps; the rest is empty. Raises RoleForbids, NotFound,
    PersonErased, and Invalid where no known purpose is stated.
    """
    by.require("customers:view")
    required_purpose(purpose)
    async with db.transaction() as tx:
        if erased := await tombstones.erased_at(tx, customer_id):
            raise PersonErased(f"On {erased.astimezone(SHOP_ZONE):%Y-%m-%d}.")
        profile = await customers.profile(tx, customer_id, vault, bare=True)
        now = clock.now()
        await store.add_view(tx, by.id, customer_id=customer_id, purpose=purpose, now=now)
        await audit.record(
            tx,
            "customer_viewed",
            by=audit.by_staff(by.id),
            subject=("customer", customer_id),
            now=now,
            detail={"purpose": purpose},
        )
    return profile
