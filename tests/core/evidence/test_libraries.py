import platform
from importlib import metadata

import numpy as np
import pytest

from core.catalog.mlmodel import ModelCard
from core.evidence.libraries import differences, installed, requirement_of

HERE = ".".join(platform.python_version_tuple()[:2])


def test_only_pinned_libraries_that_are_here_in_another_version_are_noted() -> None:
    requirements = (
        "numpy==1.26.4",
        f"pandas=={metadata.version('pandas')}",
        "scikit-learn==0.1",
        "scipy>=0.1",
        "mlflow==1.0",
        "not-installed-anywhere==1",
        'psutil==0.1; python_version < "3"',
        "not a requirement",
    )
    (note,) = differences(ModelCard(requirements=requirements, python_version=f"{HERE}.99"))
    assert str(note) == (
        "Trained with numpy 1.26.4, scikit-learn 0.1; "
        f"scored with numpy {np.__version__}, scikit-learn {metadata.version('scikit-learn')}."
    )


def test_the_same_library_under_the_name_of_another_distribution() -> None:
    here = metadata.version("xgboost-cpu")
    assert differences(ModelCard(requirements=(f"xgboost=={here}",))) == ()
    assert differences(ModelCard(requirements=(f"xgboost=={here}+cu12",))) == ()
    assert len(differences(ModelCard(requirements=("xgboost==0.1",)))) == 1


def test_another_python_is_noted() -> None:
    (note,) = differences(ModelCard(python_version="2.7.18"))
    assert str(note) == f"Trained on Python 2.7; scored on Python {HERE}."
    assert differences(ModelCard()) == ()


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("sklearn", "scikit-learn==1.2"),
        ("fancy_boosting", "fancy-boosting<4,>=3"),
        ("PIL", "Pillow==10"),
        ("unknown", None),
    ],
)
def test_the_requirement_that_asks_for_a_module(module: str, expected: str | None) -> None:
    lines = ("scikit-learn==1.2", "fancy-boosting>=3,<4", "Pillow==10", "-x")
    assert requirement_of(module, lines) == expected


def test_installed() -> None:
    assert installed("json")
    assert not installed("surely_not_installed")
    assert not installed("")
