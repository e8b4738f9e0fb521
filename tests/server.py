"""The PostgreSQL the tests share: started once, its databases cloned from a migrated template in milliseconds."""

import asyncio
import base64
import json
import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from kalecart.grants import ROLES
from kalecart.ids import new_id
from kalecart.master_keys import FileKeyProvider
from kalecart.migrate import migrate
from local.postgres import DATABASE, running_postgres

ROLE_PASSWORD = "a-role's password"
# Shops that are tested side by side keep their connections at this one server, which serves one shop otherwise.
MANY = {"max_connections": "200"}


@dataclass(frozen=True)
class Clone:
    name: str
    owner_url: str

    def url(self, role: str | None = None) -> str:
        """A SQLAlchemy URL: the owner's, or a process role's."""
        url = make_url(self.owner_url).set(database=self.name)
        if role is not None:
            url = url.set(username=role, password=ROLE_PASSWORD)
        return url.render_as_string(hide_password=False)


@dataclass(frozen=True)
class Server:
    owner_url: str
    folder: str

    @property
    def master_key_file(self) -> Path:
        return Path(self.folder) / "master.key"

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Server":
        return cls(**json.loads(text))

    async def cloned(self) -> Clone:
        clone = Clone(f"t_{new_id().hex}", self.owner_url)
        # A clone has the template's tables and their rights, but not the rights on the database itself.
        await self._administer(
            f"CREATE DATABASE {clone.name} TEMPLATE {DATABASE}",
            f"REVOKE ALL ON DATABASE {clone.name} FROM PUBLIC",
            f"GRANT CONNECT ON DATABASE {clone.name} TO {', '.join(ROLES)}",
        )
        return clone

    async def emptied(self) -> Clone:
        """A database of its own with nothing in it."""
        clone = Clone(f"t_{new_id().hex}", self.owner_url)
        await self._administer(f"CREATE DATABASE {clone.name} TEMPLATE template0")
        return clone

    async def dropped(self, clone: Clone) -> None:
        await self._administer(f"DROP DATABASE IF EXISTS {clone.name} WITH (FORCE)")

    async def _administer(self, *statements: str) -> None:
        url = make_url(self.owner_url).set(database="postgres", drivername="postgresql")
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


class StartedServer(Server):
    """The server as the controlling process holds it."""

    stop: Callable[[], None]


def started_server(folder: Path) -> Any:
    """Start PostgreSQL in a thread with a loop of its own, migrate the template, and return the running server."""
    (folder / "master.key").write_bytes(base64.b64encode(os.urandom(32)))
    ready: list[Server | BaseException] = []
    up, down = threading.Event(), threading.Event()

    async def serve() -> None:
        try:
            async with running_postgres(folder, durable=False, more=MANY) as postgres:
                provider = FileKeyProvider(folder / "master.key")
                await migrate(postgres.url(), passwords=dict.fromkeys(ROLES, ROLE_PASSWORD), provider=provider)
                ready.append(Server(postgres.url(), str(folder)))
                up.set()
                await asyncio.to_thread(down.wait)
        except BaseException as error:
            ready.append(error)
            up.set()
            raise

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="postgres")
    thread.start()
    up.wait()
    if isinstance(ready[0], BaseException):
        raise ready[0]
    started = StartedServer(**asdict(ready[0]))

    def stop() -> None:
        down.set()
        thread.join()

    object.__setattr__(started, "stop", stop)
    return started
