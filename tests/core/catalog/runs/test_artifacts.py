"""A run's artifacts, wherever MLflow keeps them: listed in folders, read in part, never outside the run."""

from pathlib import Path

import pytest

from core.catalog.mlflow_artifact_place import MOST_ENTRIES, LocalPlace
from core.catalog.runs.artifacts import MOST_IMAGE, MOST_TEXT, Form, listing, preview, require_inside
from core.catalog.store import ArtifactBytes, ArtifactFolder, ArtifactPlace
from core.errors import ArtifactError, NotFound, StoreUnreachable
from tests.core.catalog.logged_runs import FILES, LoggedRun, log_run_in
from tests.core.catalog.sites import Site

pytestmark = pytest.mark.usefixtures("loaded")
OUT = ["../x", "a/../../x", "/etc/passwd", "a//b", "", ".", "a\\b", "C:/x", "file:/x", "a\0b", "x" * 5_000]


@pytest.fixture(scope="session")
def logged(site: Site, tmp_path_factory: pytest.TempPathFactory) -> LoggedRun:
    return log_run_in(site, tmp_path_factory.mktemp("logged"))


def test_folders_are_listed_one_at_a_time(site: Site, logged: LoggedRun) -> None:
    store, place = site.store(), ArtifactPlace(logged.id)
    top = listing(store, place)
    assert [(one.path, one.is_folder) for one in top.entries] == [
        ("odd", True),
        ("reports", True),
        ("data.bin", False),
        ("empty.txt", False),
    ]
    deeper = listing(store, place, "reports")
    assert [one.name for one in deeper.entries] == ["deep", "drawing.svg", "fake.png", "plot.png"]
    assert deeper.entries[-1].size == len(FILES["reports/plot.png"])
    (odd,) = listing(store, place, "odd").entries
    assert preview(store, place, odd.path).text == "日本語"


def test_a_file_is_shown_as_what_it_is_and_not_as_what_it_is_called(site: Site, logged: LoggedRun) -> None:
    store, place = site.store(), ArtifactPlace(logged.id)
    found = {name: preview(store, place, name) for name in FILES}
    assert {name: shown.form for name, shown in found.items() if not name.startswith("odd")} == {
        "reports/deep/page.html": Form.TEXT,
        "reports/plot.png": Form.IMAGE,
        "reports/fake.png": Form.BINARY,
        "reports/drawing.svg": Form.IMAGE,
        "empty.txt": Form.TEXT,
        "data.bin": Form.BINARY,
    }
    assert found["reports/deep/page.html"].media_type == "text/plain"
    assert found["reports/plot.png"].data == FILES["reports/plot.png"]
    assert found["data.bin"].data == b""


def test_the_files_of_a_model_belong_to_its_run_alone(site: Site, logged: LoggedRun, tmp_path: Path) -> None:
    store = site.store()
    found = listing(store, ArtifactPlace(logged.id, logged.model_id))
    assert [one.path for one in found.entries] == ["MLmodel", "model.skops"]
    other = log_run_in(site, tmp_path, files={})
    with pytest.raises(NotFound, match="has logged no model"):
        listing(store, ArtifactPlace(other.id, logged.model_id))


@pytest.mark.parametrize("model", ["m-0", "../../registered-models/get?name=x", "' OR 1=1", "x" * 100])
def test_a_model_that_is_not_there_is_not_found(site: Site, logged: LoggedRun, model: str) -> None:
    with pytest.raises(NotFound):
        listing(site.store(), ArtifactPlace(logged.id, model))


def test_a_run_without_artifacts_is_empty(site: Site, tmp_path: Path) -> None:
    found = listing(site.store(), ArtifactPlace(log_run_in(site, tmp_path, files={}).id))
    assert found.entries == ()
    assert bool(found.missing) is not site.uri.startswith("http")


@pytest.mark.parametrize("path", ["nope.txt", "reports/nope.png", "empty.txt/x"])
def test_what_is_not_there_is_not_found(site: Site, logged: LoggedRun, path: str) -> None:
    with pytest.raises(NotFound, match="has no artifact"):
        preview(site.store(), ArtifactPlace(logged.id), path)


@pytest.mark.parametrize("run", ["f" * 32, "no id", "' OR 1=1", ""])
def test_an_unknown_run_is_not_found(site: Site, run: str) -> None:
    with pytest.raises(NotFound, match="There is no run"):
        listing(site.store(), ArtifactPlace(run))


@pytest.mark.parametrize("path", OUT)
def test_no_path_leads_out_of_a_run(path: str) -> None:
    with pytest.raises(NotFound):
        require_inside(path)


def test_a_link_that_leads_out_of_a_run_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("password")
    run = tmp_path / "run"
    run.mkdir()
    (run / "out").symlink_to(tmp_path / "secret")
    (run / "folder").symlink_to(tmp_path)
    (run / "inside").write_text("x")
    (run / "alias").symlink_to(run / "inside")
    place = LocalPlace(run)
    assert place.file("alias", lambda: None, most=9).data == b"x"
    for path in ("out", "folder/secret"):
        with pytest.raises(NotFound):
            place.file(path, lambda: None, most=9)
    with pytest.raises(NotFound):
        place.folder("folder", lambda: None)


def test_a_folder_of_many_files_is_cut(tmp_path: Path) -> None:
    for number in range(MOST_ENTRIES + 1):
        (tmp_path / f"{number:05}").touch()
    found = LocalPlace(tmp_path).folder("", lambda: None)
    assert len(found.entries) == MOST_ENTRIES
    assert found.is_cut


class OneFile:
    """Run files that hold one, of any size."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def artifact(self, place: ArtifactPlace, path: str, *, most: int) -> ArtifactBytes:
        return ArtifactBytes(data=self.data[:most], size=len(self.data), is_cut=len(self.data) > most)

    def artifacts(self, place: ArtifactPlace, folder: str = "") -> ArtifactFolder:
        raise NotImplementedError

    run_models = run_model_card = run_versions = child_runs = artifacts


@pytest.mark.parametrize("before", range(4))
def test_the_beginning_of_a_long_text_is_text_wherever_it_is_cut(before: int) -> None:
    shown = preview(OneFile(b"a" * before + "日本🚢".encode() * MOST_TEXT), ArtifactPlace("r"), "log.txt")  # type: ignore[arg-type]  # the other calls are not made
    assert (shown.form, shown.is_cut) == (Form.TEXT, True)
    assert "\N{REPLACEMENT CHARACTER}" not in shown.text
    assert len(shown.data) == MOST_TEXT


def test_a_picture_that_is_too_large_is_not_shown() -> None:
    data = FILES["reports/plot.png"] + b"\0" * MOST_IMAGE
    shown = preview(OneFile(data), ArtifactPlace("r"), "plot.png")  # type: ignore[arg-type]  # as above
    assert (shown.form, shown.data, shown.size) == (Form.LARGE, b"", len(data))


def test_a_text_of_another_encoding_is_not_shown_as_text() -> None:
    shown = preview(OneFile("é".encode("latin-1")), ArtifactPlace("r"), "a.txt")  # type: ignore[arg-type]  # as above
    assert shown.form is Form.BINARY


def test_an_artifact_store_that_cannot_be_reached_is_named(on_disk: Site, tmp_path: Path) -> None:
    client = on_disk.writer
    experiment = client.create_experiment(
        f"far-{tmp_path.name}", artifact_location="ftp://127.0.0.1:1/artifacts"
    )
    run = client.create_run(experiment).info.run_id
    with pytest.raises(StoreUnreachable, match=r"ftp://127\.0\.0\.1:1/artifacts"):
        listing(on_disk.store(), ArtifactPlace(run))


def test_a_folder_is_no_file_and_a_file_no_folder(on_disk: Site, tmp_path: Path) -> None:
    place = ArtifactPlace(log_run_in(on_disk, tmp_path, files={"a/b.txt": b"x"}).id)
    with pytest.raises(ArtifactError, match="no ordinary file"):
        preview(on_disk.store(), place, "a")
    with pytest.raises(NotFound):
        listing(on_disk.store(), place, "a/b.txt")


def test_a_name_that_a_server_refuses_is_told(served: Site, on_disk: Site, tmp_path: Path) -> None:
    files = {"50% #1.txt": b"x"}
    place = ArtifactPlace(log_run_in(on_disk, tmp_path, files=files).id)
    assert preview(on_disk.store(), place, "50% #1.txt").text == "x"
    place = ArtifactPlace(log_run_in(served, tmp_path, files=files).id)
    with pytest.raises(ArtifactError, match="refuses to hand out"):
        preview(served.store(), place, "50% #1.txt")
