import gc
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from core.errors import SplitError, SplitNotConfigured
from core.evidence.split import Split, Splits
from core.settings import ModelSettings, Settings, SplitSettings, Task, load_settings

ROWS = "id,x,y\n7,1,0\n8,2,1\n9,,1\n"


def settings_of(folder: Path, **models: ModelSettings) -> Settings:
    return Settings(tracking_uri="", embedded=True, data_dir=folder, database_url="", models=models)


def model_at(data: Path | str, **more: Any) -> ModelSettings:
    return ModelSettings(split=SplitSettings(data=str(data), shown_as="rows.csv", target="y", **more))


def splits_of(data: Path | str, **more: Any) -> Splits:
    return Splits(settings_of(Path(), m=model_at(data)), **more)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    return path


def test_the_demo_tests_on_the_rows_of_the_tutorial(tmp_path: Path) -> None:
    splits = Splits(load_settings(None, environ={}, folder=tmp_path))
    titanic = splits.load("titanic-survival")
    script = pd.read_csv(Path(__file__).parents[3] / "data" / "titanic.csv")
    script["Sex"] = script["Sex"].map({"male": 0, "female": 1})
    script = script.dropna()
    _, test = train_test_split(script, test_size=0.2, random_state=42)
    pd.testing.assert_frame_equal(titanic.frame, test.reset_index(drop=True))
    assert (titanic.rows, titanic.total_rows, titanic.dropped_rows) == (143, 891, 177)
    assert (titanic.positive, titanic.negative, titanic.positives) == (1, 0, int(test["Survived"].sum()))
    assert titanic.source == "data/titanic.csv"
    assert titanic.features == ("Pclass", "Sex", "Age", "Fare")
    assert titanic.row_name(0) == str(test["PassengerId"].iloc[0])
    cancer = splits.load("breast-cancer")
    assert (cancer.rows, cancer.positive, cancer.negative) == (114, "malignant", "benign")


def test_what_a_split_says_of_itself(file: Path) -> None:
    settings = settings_of(file.parent, m=model_at(file, id="id", slices=("x",), drop_missing=True))
    split = Splits(settings).load("m")
    assert split.fingerprint.startswith("sha256:")
    assert (split.source, split.target, split.id, split.slices) == ("rows.csv", "y", "id", ("x",))
    assert (split.rows, split.positives, split.total_rows, split.dropped_rows) == (2, 1, 3, 1)
    assert split.labels.dtype == np.bool_


def test_csv_and_parquet_have_one_fingerprint(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    frame = pd.read_csv(file)
    frame[:1].to_parquet(folder / "1.parquet", index=False)
    frame[1:].astype({"id": "int32"}).to_parquet(folder / "2.parquet", index=False)
    assert splits_of(folder).load("m").fingerprint == splits_of(file).load("m").fingerprint


@pytest.mark.parametrize(
    ("ids", "names"),
    [([1.0, np.nan], ["1", "2"]), (["a b", None], ["a b", "2"]), ([0.5, 2**60], ["0.5", str(2**60)])],
)
def test_a_row_is_called_by_its_id_or_its_number(ids: list[Any], names: list[str]) -> None:
    frame = pd.DataFrame({"id": ids})
    split = Split(
        fingerprint="", source="", frame=frame, labels=np.ones(2, bool), target="", positive=1, negative=0, id="id"
    )  # fmt: skip
    assert [split.row_name(row) for row in range(2)] == names


def test_row_numbers_are_those_of_the_data(file: Path) -> None:
    file.write_text("x,y\n,0\n1,1\n2,0\n")
    split = Splits(settings_of(file.parent, m=model_at(file, drop_missing=True))).load("m")
    assert [split.row_name(row) for row in range(2)] == ["2", "3"]


def test_a_model_without_a_split(file: Path) -> None:
    with pytest.raises(SplitNotConfigured, match='No test split is configured for "<b>"'):
        splits_of(file).load("<b>")


@pytest.mark.parametrize("task", [Task.MULTICLASS, Task.REGRESSION])
def test_other_tasks_wait(file: Path, task: Task) -> None:
    model = ModelSettings(task=task, split=model_at(file).split)
    with pytest.raises(SplitError, match=f'"m" is configured as a {task.value} task'):
        Splits(settings_of(file.parent, m=model)).load("m")


def test_a_split_is_loaded_again_when_its_file_changes_and_only_then(file: Path) -> None:
    splits = splits_of(file)
    first = splits.load("m")
    assert splits.load("m") is first
    file.write_text(ROWS + "10,3,0\n")
    second = splits.load("m")
    assert second.rows == first.rows + 1
    assert second.fingerprint != first.fingerprint
    file.unlink()
    with pytest.raises(SplitError, match="does not exist"):
        splits.load("m")
    file.write_text(ROWS)
    assert splits.load("m").fingerprint == first.fingerprint


def test_a_mistake_in_the_data_is_told_until_they_change(file: Path) -> None:
    splits = splits_of(file)
    file.write_text("x,y\n1,1\n")
    errors = []
    for _ in range(2):
        with pytest.raises(SplitError, match="All 1 test rows") as caught:
            splits.load("m")
        errors.append(caught.value)
    assert errors[0] is not errors[1]
    file.write_text(ROWS)
    assert splits.load("m").rows == 3


def test_models_with_the_same_settings_share_one_split(file: Path) -> None:
    settings = Settings(
        tracking_uri="", embedded=True, data_dir=file.parent, database_url="", default=model_at(file)
    )
    splits = Splits(settings)
    assert splits.load("a") is splits.load("b")


def test_many_threads_load_once(file: Path) -> None:
    file.write_text("x,y\n" + "1,0\n2,1\n" * 20_000)
    splits = splits_of(file)
    together = threading.Barrier(8)

    def load() -> Split:
        together.wait()
        return splits.load("m")

    with ThreadPoolExecutor(8) as threads:
        loaded = [future.result() for future in [threads.submit(load) for _ in range(8)]]
    assert len(set(map(id, loaded))) == 1


def test_what_was_used_last_is_kept(tmp_path: Path) -> None:
    models = {}
    for name in "abc":
        path = tmp_path / f"{name}.csv"
        path.write_text("x,y\n" + "1,0\n2,1\n" * 1000)
        models[name] = model_at(path)
    splits = Splits(settings_of(tmp_path, **models), kept_bytes=70_000)  # two of 32 kB each
    a, b = splits.load("a"), splits.load("b")
    assert splits.load("a") is a
    splits.load("c")
    assert splits.load("a") is a
    assert splits.load("b") is not b


def test_a_split_larger_than_the_limit_is_kept_alone(file: Path) -> None:
    splits = splits_of(file, kept_bytes=1)
    assert splits.load("m") is splits.load("m")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Web(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, CountingServer)
        server.asked += 1
        self.send_response(server.status)
        if server.tag:
            self.send_header("ETag", server.tag)
        self.end_headers()
        self.wfile.write(server.body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


class CountingServer(ThreadingHTTPServer):
    asked = 0
    status = 200
    tag = '"1"'
    body = ROWS.encode()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/rows.csv"


@pytest.fixture
def web() -> Iterator[CountingServer]:
    server = CountingServer(("127.0.0.1", 0), Web)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_is_looked_at_once_a_minute(web: CountingServer) -> None:
    clock = Clock()
    splits = splits_of(web.url, clock=clock)
    first = splits.load("m")
    asked = web.asked
    clock.now = 59
    assert splits.load("m") is first
    assert web.asked == asked
    clock.now = 60
    assert splits.load("m") is first
    assert web.asked == asked + 1
    clock.now = 100
    web.tag, web.body = '"2"', ROWS.encode() + b"10,3,0\n"
    assert splits.load("m") is first
    clock.now = 120
    assert splits.load("m").rows == 4


def test_an_address_without_marks_is_fetched_anew(web: CountingServer) -> None:
    web.tag = ""
    clock = Clock()
    splits = splits_of(web.url, clock=clock)
    first = splits.load("m")
    clock.now = 60
    again = splits.load("m")
    assert again is not first
    assert again.fingerprint == first.fingerprint


def test_rows_stay_in_use_while_an_address_fails(
    web: CountingServer, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    splits = splits_of(web.url, clock=clock)
    first = splits.load("m")
    web.status = 500
    clock.now = 60
    assert splits.load("m") is first
    assert "rows.csv gives HTTP status 500. The rows loaded before stay in use." in caplog.text
    with pytest.raises(SplitError, match="HTTP status 500"):
        splits_of(web.url).load("m")


def test_forgotten_splits_leave_memory(tmp_path: Path) -> None:
    models = {}
    for name in "ab":
        path = tmp_path / f"{name}.csv"
        path.write_text(ROWS)
        models[name] = model_at(path)
    splits = Splits(settings_of(tmp_path, **models), kept_bytes=1)
    first = weakref.ref(splits.load("a").frame)
    splits.load("b")
    gc.collect()
    assert first() is None
