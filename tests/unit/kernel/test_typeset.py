"""A document is typeset by a process that knows nothing else and remembers nothing."""

import json
import signal
import sys
import unicodedata

import pytest
import typst

from kalecart.typeset import CannotTypeset, boxes, typesetting


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


def test_what_is_said_to_be_printable_is_drawn_in_both_weights_and_the_rest_is_named_once() -> None:
    """A standard that refuses empty boxes takes it."""
    every = map(chr, range(sys.maxunicode + 1))
    known = [each for each in every if unicodedata.category(each)[0] in "LMNPS" and not boxes(each)]
    lines = ["".join(known[at : at + 50]) for at in range(0, len(known), 50)]
    source = "#for line in json(bytes(sys.inputs.told)) [#line *#line* \\ ]"
    told = {"told": json.dumps(lines)}

    assert typst.compile(source.encode(), sys_inputs=told, ignore_system_fonts=True, pdf_standards=["a-2b"])
    assert len(known) > 1_500
    assert boxes("王小明 and 王小, \U0001f389\n") == "王小明\U0001f389"
