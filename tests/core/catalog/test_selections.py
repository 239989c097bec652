import hashlib
import json
from pathlib import Path

import pytest

from core.catalog.selections import FEW, MOST, Selections
from core.errors import NotFound, RunoffError, UsageError


def ids(count: int) -> list[str]:
    return [hashlib.md5(str(number).encode()).hexdigest() for number in range(count)]


def test_what_was_kept_is_read_in_its_order(tmp_path: Path) -> None:
    selections = Selections(tmp_path / "a" / "selections")
    wanted = ids(1_000)
    key = selections.keep([*wanted, wanted[0]])

    assert Selections(tmp_path / "a" / "selections").read(key) == tuple(wanted)
    assert selections.keep(wanted) == key
    assert selections.keep(wanted[::-1]) != key
    assert {path.suffix for path in selections.folder.iterdir()} == {".json"}


def test_few_runs_stand_in_the_address_and_many_do_not(tmp_path: Path) -> None:
    selections = Selections(tmp_path)

    assert selections.query(["a", "b", "a"]) == "runs=a,b"
    assert list(tmp_path.iterdir()) == []
    many = selections.query(ids(FEW + 1))
    assert selections.read(many.removeprefix("selection=")) == tuple(ids(FEW + 1))


@pytest.mark.parametrize("key", ["", "x", "0" * 64, "../../etc/passwd", "A" * 64, "é" * 64])
def test_a_selection_that_is_not_there(tmp_path: Path, key: str) -> None:
    with pytest.raises(NotFound, match="no such selection"):
        Selections(tmp_path).read(key)


def test_a_damaged_selection_is_none_and_is_made_good_when_it_is_kept_again(tmp_path: Path) -> None:
    selections = Selections(tmp_path)
    key = selections.keep(ids(30))
    (tmp_path / f"{key}.json").write_text(json.dumps({"runs": ids(29)}))
    with pytest.raises(NotFound):
        selections.read(key)

    assert selections.keep(ids(30)) == key
    assert selections.read(key) == tuple(ids(30))


def test_what_is_no_selection_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run id"):
        Selections(tmp_path).keep(["a", "../b"])
    with pytest.raises(UsageError, match=f"{MOST} runs at most"):
        Selections(tmp_path).keep(ids(MOST + 1))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunoffError, match="could not be kept"):
        Selections(tmp_path / "file").keep(ids(30))
