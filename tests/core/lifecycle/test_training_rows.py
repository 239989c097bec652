from dataclasses import replace

import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from core.errors import SplitError
from core.evidence.split import Splits
from core.lifecycle.training_rows import load_training_rows
from core.settings import DEMO_FILE, Settings, load_settings
from core.split_settings import SplitSettings


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(DEMO_FILE, environ={}, folder=DEMO_FILE.parent)


def split_of(settings: Settings, model: str) -> SplitSettings:
    split = settings.for_model(model).split
    assert split is not None
    return split


def test_they_are_the_rows_that_a_training_script_keeps(settings: Settings) -> None:
    """The tutorial's own lines, against what Runoff reads off the configuration."""
    data = pd.read_csv(DEMO_FILE.parent / "data/titanic.csv")
    data["Sex"] = data["Sex"].map({"male": 0, "female": 1})
    data = data.dropna()
    kept, _ = train_test_split(data, test_size=0.2, random_state=42)
    rows = load_training_rows("titanic", split_of(settings, "titanic-survival"))
    assert len(rows.frame) == 571
    assert set(rows.frame["PassengerId"]) == set(kept["PassengerId"])
    expected = kept.sort_values("PassengerId")[["Pclass", "Sex", "Age", "Fare"]].astype(float)
    inputs = rows.inputs(("Pclass", "Sex", "Age", "Fare")).sort_index()
    assert inputs.to_numpy().tolist() == expected.to_numpy().tolist()


@pytest.mark.parametrize(
    ("model", "id_column", "total"),
    [("titanic-survival", "PassengerId", 714), ("breast-cancer", "sample", 569)],
)
def test_no_row_is_both_trained_on_and_tested(
    settings: Settings, model: str, id_column: str, total: int
) -> None:
    trained = set(load_training_rows("any", split_of(settings, model)).frame[id_column])
    tested = set(Splits(settings).load(model).frame[id_column])
    assert not trained & tested
    assert len(trained | tested) == total


def test_other_data_have_another_version(settings: Settings) -> None:
    split = split_of(settings, "breast-cancer")
    rows = load_training_rows("any", split)
    assert rows.version == load_training_rows("any", split).version
    assert rows.positive == "malignant"
    assert split.holdout is not None
    other = replace(split, holdout=replace(split.holdout, random_state=43))
    assert rows.version != load_training_rows("any", other).version


def test_a_split_that_keeps_every_row_leaves_none_to_train_on(settings: Settings) -> None:
    split = replace(split_of(settings, "titanic-survival"), holdout=None)
    with pytest.raises(SplitError, match=r"data/titanic.csv leaves no row for training\."):
        load_training_rows("any", split)
