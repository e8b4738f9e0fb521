from pathlib import Path

import pytest

from local.child import last_line
from local.readiness import NotReady, SaysReady
from local.supervisor import how, trim


def test_last_words_skip_frames_and_blanks(tmp_path: Path):
    log = tmp_path / "web.log"
    log.write_text("first\n│ No such option: --x   │\n╰────╯\n\n")

    assert last_line(log) == "No such option: --x"


def test_last_words_of_an_earlier_run_do_not_count(tmp_path: Path):
    log = tmp_path / "web.log"
    log.write_text("earlier\n")

    assert last_line(log, since=log.stat().st_size) == ""


def test_last_words_are_found_in_a_log_that_was_cut_meanwhile(tmp_path: Path):
    log = tmp_path / "web.log"
    log.write_text("after the cut\n")

    assert last_line(log, since=9_000_000) == "after the cut"


async def test_one_whose_log_is_cut_while_it_starts_is_ready_when_it_says_so(tmp_path: Path):
    log = tmp_path / "worker-1.log"
    log.write_text('{"event": "worker_ready"}\n' * 9)
    says = SaysReady(log)

    await says.begin()
    trim([log], bytes_max=99)
    with pytest.raises(NotReady):
        await says.ready()
    with log.open("a") as writer:
        writer.write('{"event": "worker_ready"}\n')
    await says.ready()


def test_a_log_that_is_not_there_said_nothing(tmp_path: Path):
    assert last_line(tmp_path / "none.log") == ""


def test_a_long_log_is_moved_aside_while_its_process_goes_on_writing(tmp_path: Path):
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * 100)
        trim([log], bytes_max=99)
        writer.write(b"after")

    assert log.read_bytes() == b"after"
    assert (tmp_path / "web.log.1").read_bytes() == b"x" * 100


def test_a_short_log_is_left_alone(tmp_path: Path):
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * 99)

    trim([log, tmp_path / "gone.log"], bytes_max=99)

    assert log.stat().st_size == 99


def test_an_exit_is_told_in_words():
    assert (how(1), how(-9), how(None)) == ("exit 1", "signal 9", "still running")
