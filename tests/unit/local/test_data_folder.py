import json
import socket
from pathlib import Path

import pytest

from local import folder as folders
from local.folder import Folder, empty, held, take_ports, write_whole
from local.program import CannotStart
from local.secrets import open_secrets


def test_a_new_folder_is_made(tmp_path: Path):
    with held(tmp_path / "a" / "var") as folder:
        assert folder.logs.is_dir()


def test_a_second_copy_on_the_same_folder_is_refused_and_told_how_to_run_beside(tmp_path: Path):
    refusal = pytest.raises(CannotStart, match=r"another ./kale up runs on .*--data-dir and --port")

    with held(tmp_path / "var"), refusal, held(tmp_path / "var"):
        pass


def test_a_folder_is_free_again_when_its_holder_is_gone(tmp_path: Path):
    with held(tmp_path / "var"):
        pass
    with held(tmp_path / "var"):
        pass


def test_somebody_elses_folder_is_left_alone(tmp_path: Path):
    (tmp_path / "letter.txt").write_text("dear")

    with pytest.raises(CannotStart, match="not a data folder of KaleCart"), held(tmp_path):
        pass

    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")

    refusal = pytest.raises(CannotStart, match=r"cannot write in the data folder .*: Not a directory")

    with refusal, held(tmp_path / "file" / "var"):
        pass


def test_a_full_disk_is_one_sentence(tmp_path: Path):
    with pytest.raises(CannotStart, match=r"nearly full: \d+ MB are free and \d+ MB needed"):
        folders.refuse_a_full_disk(tmp_path, bytes_min=10**18)


def test_a_taken_port_is_refused_and_another_one_proposed(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(CannotStart) as refusal:
        take_ports(Folder(path=tmp_path), other.getsockname()[1])

    assert f"--port {other_port(refusal)}" in str(refusal.value)


def other_port(refusal: pytest.ExceptionInfo[CannotStart]) -> int:
    return int(str(refusal.value).split("port ")[1].split(" ")[0]) + 1


def test_inner_ports_stay_where_they_were(tmp_path: Path):
    folder = Folder(path=tmp_path)

    assert take_ports(folder, 0) | {"web": 0} == take_ports(folder, 0) | {"web": 0}


def test_an_inner_port_that_was_taken_meanwhile_is_replaced(tmp_path: Path):
    folder = Folder(path=tmp_path)
    before = take_ports(folder, 0)

    with socket.create_server(("127.0.0.1", before["valkey"])):
        after = take_ports(folder, 0)

    assert after["valkey"] != before["valkey"]
    assert after["postgres"] == before["postgres"]


def test_the_port_that_is_asked_for_is_not_an_inner_one_of_last_time(tmp_path: Path):
    folder = Folder(path=tmp_path)
    before = take_ports(folder, 0)

    after = take_ports(folder, before["valkey"])

    assert after["web"] == before["valkey"]
    assert len(set(after.values())) == len(after)


def test_emptying_removes_what_is_ours_and_nothing_else(tmp_path: Path):
    folder = Folder(path=tmp_path)
    for path in (folder.postgres, folder.valkey, folder.secrets, folder.logs):
        path.mkdir()
    folder.demo.write_text("[]")
    (tmp_path / "letter.txt").write_text("dear")

    empty(folder)

    assert {path.name for path in tmp_path.iterdir()} == {"letter.txt", "logs", "inbound"}


def test_a_file_is_whole_or_what_it_was(tmp_path: Path):
    write_whole(tmp_path / "ports.json", "[1]")
    write_whole(tmp_path / "ports.json", "[2]")

    assert json.loads((tmp_path / "ports.json").read_text()) == [2]
    assert len(list(tmp_path.iterdir())) == 1


def test_secrets_are_made_once_and_read_by_their_owner_only(tmp_path: Path):
    first = open_secrets(tmp_path / "secrets", data_exists=False)
    again = open_secrets(tmp_path / "secrets", data_exists=True)

    assert first.words == again.words
    assert len(set(first.words.values())) == len(first.words)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o600}
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_secrets_do_not_show_themselves(tmp_path: Path):
    secrets = open_secrets(tmp_path / "secrets", data_exists=False)

    assert not any(word in repr(secrets) for word in secrets.words.values())


def test_a_secret_that_a_later_version_needs_is_added(tmp_path: Path):
    first = open_secrets(tmp_path / "secrets", data_exists=False)
    words = {name: word for name, word in first.words.items() if name != "valkey"}
    (tmp_path / "secrets" / "passwords.json").write_text(json.dumps(words))

    again = open_secrets(tmp_path / "secrets", data_exists=True)

    assert again.words == words | {"valkey": again.valkey}


@pytest.mark.parametrize("lost", ["master.key", "passwords.json"])
def test_a_lost_key_is_never_replaced_while_there_is_data(tmp_path: Path, lost: str):
    open_secrets(tmp_path / "secrets", data_exists=False)
    (tmp_path / "secrets" / lost).unlink()

    with pytest.raises(CannotStart, match="lacks the keys to it"):
        open_secrets(tmp_path / "secrets", data_exists=True)
