import subprocess
import sys
from pathlib import Path

import psutil
from mlflow import MlflowClient

from core.lifecycle.background import Demo
from core.lifecycle.quiet import quiet_mlflow
from core.settings import DEMO_FILE, Settings, load_settings
from tests.conftest import MadeDemo, demo_children

ROOT = DEMO_FILE.parent


def embedded(folder: Path) -> Settings:
    return load_settings(None, environ={}, folder=folder)


def test_a_stopped_filling_leaves_no_process_and_is_no_failure(demo: MadeDemo) -> None:
    assert demo.left_behind == []
    assert demo.stopped_at is not None
    assert (demo.stopped_at.done, demo.stopped_at.error, demo.stopped_at.total) == (False, None, 16)


def test_the_next_start_reports_every_step_until_it_is_done(demo: MadeDemo) -> None:
    first, second, *_, last = demo.reports
    assert (first.step, first.total, str(first.text)) == (0, 0, "Preparing the demo.")
    assert str(second.text) == "Making the demo: training class-and-fare."
    assert [progress.step for progress in demo.reports[1:]] == [*range(17)]
    assert (last.done, last.error, last.total, str(last.text)) == (True, None, 16, "The demo is ready.")
    assert (demo.settings.data_dir / "demo.log").read_text() == ""


def test_the_demo_holds_what_it_should(demo: MadeDemo) -> None:
    with quiet_mlflow():
        is_complete(MlflowClient(tracking_uri=demo.settings.tracking_uri))


def is_complete(client: MlflowClient) -> None:
    stages = {
        model.name: {
            int(found.version): found.current_stage
            for found in client.search_model_versions(f"name = '{model.name}'")
        }
        for model in client.search_registered_models()
    }
    assert stages == {
        "titanic-survival": {1: "Production", 2: "None", 3: "None", 4: "Archived", 5: "Staging", 6: "None"},
        "breast-cancer": {1: "Archived", 2: "Production", 3: "None"},
    }
    aliases = {model.name: {**model.aliases} for model in client.search_registered_models()}
    assert aliases == {"titanic-survival": {"production": 1}, "breast-cancer": {"production": 2}}
    experiments = [client.get_experiment_by_name(name).experiment_id for name in ("titanic", "breast-cancer")]
    statuses = [run.info.status for run in client.search_runs(experiments)]
    assert sorted(statuses) == ["FAILED", *["FINISHED"] * 15]


def test_what_is_there_is_not_made_again(demo: MadeDemo) -> None:
    again = Demo(demo.settings)
    again.start()
    assert again.progress() is None
    assert demo_children() == []


def test_a_store_that_somebody_named_is_left_alone(tmp_path: Path) -> None:
    named = load_settings(None, tracking_uri=f"sqlite:///{tmp_path}/mine.db", environ={}, folder=tmp_path)
    demo = Demo(named)
    demo.start()
    assert demo.progress() is None
    assert list(tmp_path.iterdir()) == []


def test_a_child_that_dies_is_an_error_that_names_its_log(tmp_path: Path) -> None:
    demo = Demo(embedded(tmp_path))
    demo.start()
    (child,) = demo_children()
    child.kill()
    demo.wait(60)
    progress = demo.progress()
    assert progress is not None
    assert not progress.done
    log = tmp_path / ".runoff/demo.log"
    assert str(progress.error) == (
        f"The demo could not be made. {log} says why; the next start goes on where it stopped."
    )
    assert log.exists()
    demo.close()


def test_the_child_ends_with_its_parent_however_that_ends(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    child.wait(20)


PARENT = """
import sys, time
from pathlib import Path
import psutil
from core.lifecycle.background import Demo
from core.settings import load_settings
Demo(load_settings(None, environ={}, folder=Path(sys.argv[1]))).start()
print(psutil.Process().children()[0].pid, flush=True)
time.sleep(60)
"""
