"""The instruments have teeth: a shop with a known mistake in it does not come through."""

import asyncio
import os
import sys

import pytest

from chaos.mutant import mutant
from chaos.mutations import BY_NAME, MUTATIONS, DoesNotFit, Mutation, mutate
from local.program import ROOT
from tests.conftest import SERVER_VARIABLE
from tests.server import Server

pytestmark = pytest.mark.fault

CAUGHT_HERE = [mutation for mutation in MUTATIONS if mutation.caught_at or mutation.without_a_crash]
EXIT_FAILED = 1


def chosen(mutation: Mutation) -> list[str]:
    """The tests of tests/fault/test_every_step.py that must fail."""
    file = "tests/fault/test_every_step.py"
    if mutation.without_a_crash:
        return [file, "-k", f"without_a_crash and {mutation.without_a_crash}"]
    return [file, "-k", f"dies_at_any_step and ({' or '.join(mutation.caught_at)})"]


@pytest.mark.parametrize("mutation", CAUGHT_HERE, ids=[mutation.name for mutation in CAUGHT_HERE])
async def test_a_shop_with_a_known_mistake_in_it_is_caught(mutation: Mutation, server: Server) -> None:
    with mutant(mutation) as tree:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider"),
            *chosen(mutation),
            cwd=tree,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", SERVER_VARIABLE: server.as_json()},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(300):
            said = (await process.communicate())[0].decode()

    assert process.returncode == EXIT_FAILED, said
    assert "AssertionError" in said, said


def test_a_mutation_that_no_longer_fits_the_source_says_so() -> None:
    for mutation in MUTATIONS:
        for file, before, _ in mutation.replacements:
            assert (ROOT / file).read_text(encoding="utf-8").count(before) == 1, (mutation.name, file, before)


def test_a_mutation_of_another_source_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    tree = tmp_path_factory.mktemp("tree")
    (tree / "kalecart/payments").mkdir(parents=True)
    (tree / "kalecart/payments/refund_order.py").write_text("nothing of the kind\n")

    with pytest.raises(DoesNotFit):
        mutate(tree, BY_NAME["refund-not-counted"])
