from pathlib import Path

import pytest

from core.catalog.transfer import Limits, Transfer, copy_folder, place
from core.errors import ArtifactError


@pytest.mark.parametrize("path", ["../out", "a/../../out", "..", "", "/etc/x", "a\\b", "a\0b"])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(ArtifactError, match="leads out"):
        place(tmp_path / "inner", path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_below_the_folder_gets_its_place(tmp_path: Path) -> None:
    assert place(tmp_path, "code/deeper/日本 a.py") == tmp_path / "code/deeper/日本 a.py"
    assert (tmp_path / "code" / "deeper").is_dir()


def test_a_copy_says_that_it_goes_on(tmp_path: Path) -> None:
    beats: list[int] = []
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    (source / "large").write_bytes(b"x" * 3_000_000)
    transfer = Transfer(Limits(), lambda: beats.append(1))
    copy_folder(source, target, transfer)
    assert transfer.size == 3_000_000
    assert len(beats) >= 3
    assert (target / "large").read_bytes() == (source / "large").read_bytes()
