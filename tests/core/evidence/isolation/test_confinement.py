import sys
from pathlib import Path

import numpy as np

from core.evidence.isolation.confinement import library_folders, measures

ROOT = Path(__file__).parents[4]


def test_the_folders_of_libraries_hold_neither_runoff_nor_its_data() -> None:
    assert str(ROOT) in sys.path
    folders = [Path(folder).resolve() for folder in library_folders()]
    assert (
        Path(np.__file__)
        .resolve()
        .is_relative_to(next(folder for folder in folders if folder.name == "site-packages"))
    )
    assert [folder for folder in folders if ROOT.is_relative_to(folder)] == []
    assert [folder for folder in folders if (ROOT / ".runoff").is_relative_to(folder)] == []


def test_a_system_with_limits_says_so() -> None:
    assert ("rlimits" in measures()) == (sys.platform != "win32")
