"""Data and keys of a backup lie apart unless somebody says otherwise (C8)."""

from pathlib import Path

import pytest

from local.backup import places_of
from local.backup_set import Places
from local.program import CannotStart


def test_a_shop_keeps_data_and_keys_of_its_backups_in_two_folders_of_its_own(tmp_path: Path) -> None:
    places = places_of(tmp_path, data=None, keys=None, together=False)

    assert places == Places(data=tmp_path / "backups", keys=tmp_path / "key-backups")
    assert places.apart


@pytest.mark.parametrize("keys", ["", "keys", "../data", ".."])
def test_data_and_keys_below_one_folder_are_refused_unless_somebody_says_together(tmp_path: Path, keys: str) -> None:
    data = tmp_path / "data"

    with pytest.raises(CannotStart, match="--together"):
        places_of(tmp_path, data=data, keys=data / keys, together=False)

    assert places_of(tmp_path, data=data, keys=data / keys, together=True).data == data


def test_who_says_together_names_one_folder_for_both(tmp_path: Path) -> None:
    assert places_of(tmp_path, data=tmp_path, keys=None, together=True) == Places(data=tmp_path, keys=tmp_path)
