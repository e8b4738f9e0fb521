"""People at the door: forms filled in as a person would, valid by default."""

from dataclasses import dataclass
from functools import partial

from kalecart.accounts.log_in import LogIn, log_in
from kalecart.accounts.sign_up import SignUp, sign_up
from kalecart.accounts.visit import Entered, Visit
from kalecart.allowances import Allowances
from kalecart.customers.address import Address
from kalecart.database import Database
from kalecart.policy.publish import publish_policy
from kalecart.terms import Terms
from kalecart.vault import Vault
from tests.builders import TERMS
from tests.clock import FakeClock

PASSWORD = "three quiet radishes"
EMAIL = "ana.lima@example.com"
ADDRESS = Address(street="460 S. Spring St.", unit="#913", city="Los Angeles", state="CA", postal_code="90013")
NO_VALKEY = "redis://127.0.0.1:1/0"


def a_sign_up(**but: object) -> SignUp:
    form = {
        "name": "Ana Lima",
        "email": EMAIL,
        "phone": "(213) 555-0123",
        "address": ADDRESS,
        "password": PASSWORD,
        "payment_and_delivery": True,
    }
    return SignUp(**(form | but))  # ty: ignore[invalid-argument-type]


def a_visit(**but: str | None) -> Visit:
    return Visit(**({"origin": "203.0.113.7"} | but))  # ty: ignore[invalid-argument-type]


@dataclass(frozen=True, kw_only=True)
class Door:
    """What the verbs of an account need, so that a test says only what matters."""

    db: Database
    vault: Vault
    clock: FakeClock
    allowances: Allowances
    terms: Terms = TERMS

    @property
    def verbs(self) -> dict[str, object]:
        return {"db": self.db, "vault": self.vault, "clock": self.clock, "allowances": self.allowances}

    async def signs_up(self, visit: Visit | None = None, **but: object) -> Entered:
        act = partial(sign_up, terms=self.terms, **self.verbs)  # ty: ignore[invalid-argument-type]
        return await act(a_sign_up(**but), visit or a_visit())

    async def logs_in(self, visit: Visit | None = None, *, email: str = EMAIL, password: str = PASSWORD) -> Entered:
        act = partial(log_in, **self.verbs)  # ty: ignore[invalid-argument-type]
        return await act(LogIn(email=email, password=password), visit or a_visit())


async def a_door(db: Database, vault: Vault, clock: FakeClock) -> Door:
    """A shop whose policy is published; tries are counted in this process."""
    await publish_policy(db=db, clock=clock)
    return Door(db=db, vault=vault, clock=clock, allowances=Allowances(NO_VALKEY))
