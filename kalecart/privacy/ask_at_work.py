"""Take a request about the asker's own data from somebody who works here, at the console (C10)."""

from typing import Final

from kalecart import audit
from kalecart.allowances import Allowances
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import Refused
from kalecart.ids import StaffId
from kalecart.privacy import store
from kalecart.privacy.ask import PASSWORD, received, take, verified
from kalecart.privacy.request import Channel, Kind, Level, Request, State
from kalecart.privacy.subject import Person
from kalecart.staff.prove import prove_staff

AT_WORK: Final = (Kind.ACCESS, Kind.CORRECTION)


class StillHere(Refused):
    """This can be asked for once you have left."""


async def ask_at_work(
    kind: Kind, *, staff_id: StaffId, password: str, db: Database, clock: Clock, allowances: Allowances
) -> Request:
    """Record the request and promise its work; one that is open already is joined (E57).

    Raises Invalid at `/password` for a wrong one, TooManyTries, and StillHere for what needs that they left.
    """
    if kind not in AT_WORK:
        raise StillHere("While you work here we need your name and address. Ask at /privacy/requests once you left.")
    await prove_staff(staff_id, password, field="/password", db=db, allowances=allowances)
    person, now = Person.staff(staff_id), clock.now()
    async with db.transaction() as tx:
        await store.lock(tx, person)
        asked = received(kind, Channel.ACCOUNT, person, received_at=now)
        request = await take(tx, asked, by=audit.by_staff(staff_id), now=now)
        if request.state is State.UNVERIFIED:
            request = await verified(tx, request, level=Level.SPECIFICS, proof=PASSWORD, now=now)
    return request
