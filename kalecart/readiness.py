"""Whether the database is there and at least at the schema this code was written for."""

from pathlib import Path
from typing import Final

from kalecart.database import Pg

VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"


def newest() -> str:
    """The newest migration shipped with this code, by the number its file begins with. Asking alembic costs half a
    second of imports in every process.
    """
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))


async def migrated(pg: Pg) -> bool:
    """A newer schema will do: migrations expand before they contract, so the code before runs on it."""
    present = await pg.fetchval("SELECT max(version_num) FROM alembic_version")
    return present is not None and present >= newest()
