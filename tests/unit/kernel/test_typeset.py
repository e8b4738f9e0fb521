"""A document is typeset by a process that knows nothing else and remembers nothing."""

import signal

import pytest

from kalecart.typeset import CannotTypeset, typesetting


def made(source: str, told: object) -> bytes:
    with typesetting(source, told) as document:
        return document.pdf()


def test_what_is_told_is_set_as_it_is_and_never_as_markup() -> None:
    length = '#assert(json(bytes(sys.inputs.told)).name == "*#panic(1)*")'

    assert made(f"{length} #json(bytes(sys.inputs.told)).name", {"name": "*#panic(1)*"}).startswith(b"%PDF")


def test_a_document_that_cannot_be_made_says_nothing_of_what_was_told() -> None:
    with pytest.raises(CannotTypeset) as refused:
        made("#panic(sys.inputs.told)", {"name": "Ana Lima"})

    assert str(refused.value) == "status 1"


def test_who_waits_no_more_leaves_no_process_behind() -> None:
    with typesetting("#for a in range(99999) { for b in range(99999) {} }", {}) as document:
        process = document._process

    assert process.returncode == -signal.SIGKILL
