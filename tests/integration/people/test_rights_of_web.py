"""Everything a person does in the shop works as the role that serves web pages, which may do little."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kalecart.accounts.amend import Amendment, amend
from kalecart.accounts.change_password import NewPassword, change_password
from kalecart.accounts.log_in import LogIn
from kalecart.accounts.log_out import log_out_everywhere
from kalecart.consent.purpose import Purpose
from kalecart.consent.record import Choices, record_consents
from kalecart.database import Database, DatabaseFault
from kalecart.grants import WEB
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.log_in import log_in_staff
from kalecart.staff.rights import Role
from kalecart.staff.view import record_view
from tests.people import ADDRESS, PASSWORD, a_door, a_visit

MANAGER = NewStaff(name="Maya Ortiz", email="maya@example.com", password="seven ripe quinces", role=Role.MANAGER)


async def test_the_web_role_may_do_all_of_it_and_may_not_make_staff(clone, db, vault, clock):
    door = await a_door(db, vault, clock)
    await add_staff(MANAGER, db=db, vault=vault, clock=clock)
    web = Database(clone.url(WEB), pool_size_max=2, application="test web")
    door = replace(door, db=web)
    verbs = door.verbs
    try:
        who = (await door.signs_up()).customer_id
        await door.logs_in()
        asked = LogIn(email=MANAGER.email, password=MANAGER.password)
        entered = await log_in_staff(asked, a_visit(), **verbs)
        await amend(Amendment(phone="310 555 0199", address=ADDRESS), customer_id=who, terms=door.terms, **verbs)
        await record_consents(
            Choices(given={Purpose.IMPROVE_SERVICE: True}),
            customer_id=who,
            db=web,
            clock=clock,
            notice=timedelta(days=14),
        )
        await record_view(who, purpose="delivery", by=entered.member, db=web, vault=vault, clock=clock)
        new = NewPassword(current_password=PASSWORD, new_password="four loud parsnips")
        await change_password(new, a_visit(), customer_id=who, **verbs)
        assert await log_out_everywhere(who, db=web) == 1

        with pytest.raises(DatabaseFault, match="42501"):
            await add_staff(MANAGER, db=web, vault=vault, clock=clock)
    finally:
        await web.close()
        await door.allowances.close()
