"""A copy of the source with one mistake in it."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from chaos.mutations import Mutation, mutate
from local.program import ROOT

COPIED: Final = (
    *("kalecart", "web", "workers", "scheduler", "local", "stripesim", "commands", "chaos", "bench", "tests"),
    *("kale", "pyproject.toml"),
)


@contextmanager
def mutant(mutation: Mutation) -> Generator[Path]:
    """The folder of the copy, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="kale-mutant-") as folder:
        tree = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, tree / name)  # with what is compiled: only what is mutated is compiled again
            else:
                shutil.copyfile(source, tree / name)
        mutate(tree, mutation)
        yield tree
