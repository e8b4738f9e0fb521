"""PDF, typeset in a process of its own: the typesetter remembers every document for as long as its process lives.

One that tells ten years of orders leaves a third of a gigabyte behind, and the words of somebody who may be erased by
then. The process gets no secret of ours, and forgets everything when it ends.

Run as a file of its own, so it knows nothing of the shop but the standard library and the typesetter.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

WITHIN_S: Final = 300.0
# A word of more letters may be wider than a line, and would leave the page.
WORD_MAX: Final = 45
# What its fonts have: Latin, Greek, Cyrillic and Hebrew letters, and signs. The rest becomes empty boxes.
_DRAWN: Final = ((0x00, 0x4FF), (0x5D0, 0x5EA), (0x1E00, 0x1EFF), (0x2010, 0x2040), (0x20A0, 0x20BF), (0x2190, 0x21FF))
_LONG: Final = re.compile(rf"\S{{{WORD_MAX}}}(?=\S)")


class CannotTypeset(Exception):
    """The typesetter ended without a document. Says how it ended and never what it was given."""


class Typesetting:
    """A document that is being made."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def pdf(self) -> bytes:
        """Wait for it. Raises CannotTypeset."""
        made, _ = self._process.communicate(timeout=WITHIN_S)
        if self._process.returncode != 0 or not made:
            raise CannotTypeset(f"status {self._process.returncode}")
        return made


@contextmanager
def typesetting(source: str, told: Any) -> Generator[Typesetting]:
    """Begin a document in Typst, which finds `told` as JSON under `sys.inputs.told`. Blocks while that is handed over.

    What is told is data to the typesetter and never markup; its fonts come with it.
    """
    command = (sys.executable, "-I", str(Path(__file__).resolve()))
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env={}) as process:  # noqa: S603  # ourselves
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps({"source": source, "told": json.dumps(breakable(told))}).encode())
            process.stdin.close()
            process.stdin = None  # handed over: waiting for the answer sends no more
            yield Typesetting(process)
        finally:
            process.kill()


def boxes(text: str) -> str:
    """The characters in it that cannot be printed, each once."""
    known = (any(first <= ord(each) <= last for first, last in _DRAWN) or each.isspace() for each in text)
    return "".join(dict.fromkeys(each for each, drawn in zip(text, known, strict=True) if not drawn))


def breakable(told: Any) -> Any:
    """The same, with places in long words where a line may end, and which nobody sees."""
    if isinstance(told, str):
        return _LONG.sub("\\g<0>\u200b", told)
    if isinstance(told, dict):
        return {name: breakable(each) for name, each in told.items()}
    return [breakable(each) for each in told] if isinstance(told, list | tuple) else told


def _typeset() -> None:
    # Whatever else there is to do goes first, at once: a document is the longest stretch of work in the shop.
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    import typst  # noqa: PLC0415  # nobody else needs it

    asked = json.load(sys.stdin.buffer)
    made = typst.compile(asked["source"].encode(), sys_inputs={"told": asked["told"]}, ignore_system_fonts=True)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    _typeset()
