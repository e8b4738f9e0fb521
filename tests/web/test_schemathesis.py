"""Schemathesis reads our own specification and sends what it allows and what it forbids: no server error, and no
answer that the specification does not describe.
"""

import asyncio
import sys
from pathlib import Path

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.web.shop import PASSWORD, Shop

SECONDS = 30
# Refusing data that fits the schema is our trade: rules about people, stock and money are more than shapes.
UNCHECKED = "positive_data_acceptance"
# What is too long for its field may be too large for any request (413), which is refused before anybody reads it.
REFUSED = '[checks]\nnegative_data_rejection.expected-statuses = ["4xx"]\n'
# Streams do not end, and logging out would leave the rest of the run outside the door. Both have tests of their own.
LEFT_OUT = ("/api/v1/orders/{order_id}/events", "/api/v1/session", "/api/v1/staff/session")


async def logged_in(shop: Shop, db: Database, vault: Vault, clock: Clock) -> str:
    """As configuration, the cookies of a customer with a card and an order, and of a member of staff."""
    card = await shop.ready_to_order()
    assert (await shop.order(payment_method_id=card)).status == 202
    person = NewStaff(name="Mona Manager", email="mona@example.com", password=PASSWORD, role=Role.MANAGER)
    await add_staff(person, db=db, vault=vault, clock=clock)
    entered = await shop.ask("POST", "/api/v1/staff/session", json={"email": "mona@example.com", "password": PASSWORD})
    assert entered.status == 201
    jar = shop.client.session.cookie_jar.filter_cookies(shop.client.make_url("/"))
    keys = {"customer": jar["kale_session"].value, "staff": jar["kale_staff"].value}
    return "".join(f'[auth.openapi.{scheme}]\napi_key = "{key}"\n' for scheme, key in keys.items())


async def test_schemathesis_finds_no_server_error_and_nothing_undocumented(
    shop: Shop, db: Database, vault: Vault, clock: Clock, tmp_path: Path
) -> None:
    (tmp_path / "schemathesis.toml").write_text(REFUSED + await logged_in(shop, db, vault, clock))
    options = ["--phases", "coverage,fuzzing", "--max-time", str(SECONDS), "--max-examples", "12", "--seed", "20261101"]
    options += ["--checks", "all", "--exclude-checks", UNCHECKED, "--continue-on-failure", "--warnings", "off"]
    options += ["--header", "Sec-Fetch-Site: same-origin"]
    options += ["--request-timeout", "60", "--generation-database", "none", "--no-color"]
    options += [part for path in LEFT_OUT for part in ("--exclude-path", path)]

    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", str(shop.client.make_url("/api/openapi.json"))),
        *options,
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await run.communicate()

    assert run.returncode == 0, said.decode()[-12_000:]
