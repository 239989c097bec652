import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from mlflow import MlflowClient
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, roc_auc_score
from sklearn.model_selection import train_test_split

from core.errors import ScoringError
from core.evidence.kept_errors import facts_of_error
from core.messages import message
from core.settings import DEMO_FILE
from tests.commands.conftest import Call

NAMES = (
    "accuracy", "balanced_accuracy", "precision", "recall", "specificity", "f1", "mcc", "roc_auc",
    "average_precision", "log_loss", "brier",
)  # fmt: skip


def compared(call: Call, *arguments: str) -> dict[str, Any]:
    ended = call("compare", *arguments, "--format", "json")
    assert (ended.status, ended.err) == (0, "")
    return dict(json.loads(ended.out))


def test_production_against_all_others(call: Call) -> None:
    """What the demo is for: one version is clearly worse, and the others are hard to tell apart."""
    shown = compared(call, "titanic-survival")
    assert {**shown["split"], "fingerprint": shown["split"]["fingerprint"][:7]} == {
        "fingerprint": "sha256:", "rows": 143, "positives": 53, "source": "data/titanic.csv"
    }  # fmt: skip
    assert (shown["baseline"], shown["threshold"], shown["primary_metric"]) == (1, 0.5, "roc_auc")
    assert [one["version"] for one in shown["versions"]] == [1, 2, 3, 4, 5, 6]
    assert {one["status"] for one in shown["versions"]} == {"scored"}
    assert all(tuple(one["metrics"]) == NAMES for one in shown["versions"])
    production, *candidates = (one["metrics"]["roc_auc"]["value"] for one in shown["versions"])
    assert production < 0.75
    assert all(0.83 < value < 0.92 for value in candidates)


def test_the_numbers_are_those_of_scikit_learn(call: Call) -> None:
    """Version 2, trained here once more by the tutorial's own lines."""
    data = pd.read_csv(DEMO_FILE.parent / "data/titanic.csv")
    data["Sex"] = data["Sex"].map({"male": 0, "female": 1})
    train, test = train_test_split(data.dropna(), test_size=0.2, random_state=42)
    features = ["Pclass", "Sex", "Age", "Fare"]
    model = LogisticRegression(max_iter=1000).fit(train[features], train["Survived"])
    scores, truth = model.predict_proba(test[features])[:, 1], test["Survived"]

    shown = compared(call, "titanic-survival", "--versions", "2", "--threshold", "0.3")
    version = shown["versions"][1]
    value = {name: metric["value"] for name, metric in version["metrics"].items()}
    assert value["roc_auc"] == pytest.approx(roc_auc_score(truth, scores), abs=1e-4)
    assert value["log_loss"] == pytest.approx(log_loss(truth, scores), abs=1e-4)
    assert value["accuracy"] == accuracy_score(truth, scores >= 0.3)
    tn, fp, fn, tp = map(int, confusion_matrix(truth, scores >= 0.3).ravel())
    assert version["confusion"] == {"tn": tn, "fp": fp, "fn": fn, "tp": tp}


def test_versions_baseline_and_their_order_as_asked_for(call: Call) -> None:
    shown = compared(call, "titanic-survival", "--versions", "5, 3,5", "--baseline", "6")
    assert (shown["baseline"], [one["version"] for one in shown["versions"]]) == (6, [6, 5, 3])
    with_production = compared(call, "titanic-survival", "--baseline", "2")
    assert [one["version"] for one in with_production["versions"]] == [2, 3, 4, 5, 6, 1]


def test_a_table_shows_values_differences_and_the_best(call: Call) -> None:
    ended = call("compare", "titanic-survival", "--versions", "2,3")
    assert (ended.status, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0].startswith(
        "titanic-survival on data/titanic.csv: 143 rows, 53 positive, threshold 0.5, sha256:"
    )
    assert lines[2].split() == ["v1", "baseline", "v2", "v3"]
    rows = {line[:20].strip(): line[20:].split() for line in lines[3 : 3 + len(NAMES)]}
    values = {
        one["version"]: one["metrics"]["roc_auc"]["value"]
        for one in compared(call, "titanic-survival", "--versions", "2,3")["versions"]
    }
    base, second, delta, third, other = rows["ROC AUC"]
    assert base == f"{values[1]:.4f}"
    assert second == f"{values[2]:.4f}"
    assert third == f"{values[3]:.4f}*"
    assert (delta, other) == (f"{values[2] - values[1]:+.4f}", f"{values[3] - values[1]:+.4f}")
    assert rows["log loss"][1].endswith("*") != rows["log loss"][3].endswith("*")
    assert not rows["log loss"][0].endswith("*")
    assert "* best; signed: difference to the baseline" in lines
    widths = {len(line) for line in lines[3:14]}
    assert len(widths) <= 2  # aligned: a star apart, which may be cut off at the end


def test_how_sure_it_is_is_a_table_and_a_sentence_for_each_candidate(call: Call) -> None:
    shown = compared(call, "titanic-survival", "--versions", "2,3")
    production, candidate, _other = shown["versions"]
    assert (shown["alpha"], shown["level"], shown["margin"], shown["few"]) == (0.05, 0.975, 0.01, False)
    assert shown["detectable"]["sentence"].startswith("143 rows: can only see differences in ROC AUC of ")
    assert shown["detectable"]["rows_for_margin"] > 143
    assert "verdict" not in production
    assert production["metrics"]["roc_auc"]["difference"] is None
    auc = candidate["metrics"]["roc_auc"]
    low, high = auc["interval"]
    assert low < auc["value"] < high
    base = production["metrics"]["roc_auc"]["value"]
    assert auc["difference"]["value"] == pytest.approx(auc["value"] - base, abs=1e-12)
    cost, cells = candidate["cost"], candidate["confusion"]
    assert (cost["ratio"], cost["value"]) == (1.0, (cells["fn"] + cells["fp"]) / 143)
    low, high = cost["difference"]["interval"]
    assert low < cost["difference"]["value"] < high
    assert set(candidate["flips"]) == {"fixed", "broken", "p_value"}
    low, high = auc["difference"]["interval"]
    assert 0 < low < auc["difference"]["value"] < high
    assert candidate["verdict"]["verdict"] == "better"
    lines = call("compare", "titanic-survival", "--versions", "2,3").out.splitlines()
    assert f"v2 better: {candidate['verdict']['sentence']}" in lines
    assert f"{shown['detectable']['sentence']}." in lines
    start = lines.index(next(line for line in lines if line.startswith("difference 0.975")))
    row = next(line for line in lines[start:] if line.startswith("ROC AUC"))
    assert f"{auc['difference']['value']:+.4f} ({low:+.4f} to {high:+.4f})" in row


def test_a_narrow_terminal_gets_several_tables(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    lines = call("compare", "titanic-survival").out.splitlines()
    assert max(map(len, lines[2:])) <= 80
    headers = [line.split() for line in lines if "baseline" in line.split()[1:2]]
    assert [header[2:] for header in headers] == [["v2"], ["v3"], ["v4"], ["v5"], ["v6"]]


def test_scores_without_probability_have_reasons(call: Call) -> None:
    shown = compared(call, "breast-cancer")
    assert (shown["baseline"], shown["primary_metric"]) == (2, "recall")
    assert (shown["split"]["rows"], shown["split"]["positives"]) == (114, 42)
    ranking = next(one for one in shown["versions"] if one["version"] == 3)
    assert ranking["metrics"]["brier"]["value"] is None
    assert ranking["metrics"]["brier"]["reason"]
    assert ranking["metrics"]["roc_auc"]["value"] > 0.98
    out = call("compare", "breast-cancer").out
    assert f"v3 Brier score n/a: {ranking['metrics']['brier']['reason']}" in out.splitlines()


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["titanic-survival", "--threshold", "1.5"], 2, "The threshold 1.5 is outside of 0 to 1."),
        (["titanic-survival", "--threshold", "nan"], 2, "The threshold nan is outside of 0 to 1."),
        (["titanic-survival", "--threshold", "half"], 2, "'half' is not a valid float."),
        (["titanic-survival", "--versions", "1,x"], 2, "'1,x' is no list of version numbers, as in 1,2,3."),
        (["titanic-survival", "--versions", ""], 2, "'' is no list of version numbers, as in 1,2,3."),
        (
            ["titanic-survival", "--baseline", "best"],
            2,
            "'best' is neither 'production' nor a version number.",
        ),
        (["titanic-survival", "--versions", "2,99"], 3, "has no version 99. It has versions 1 to 6."),
        (["titanic-survival", "--baseline", "0"], 3, "has no version 0. It has versions 1 to 6."),
        (["titanic-survivals"], 3, 'Did you mean "titanic-survival"?'),
        ([], 2, "Missing argument 'MODEL'."),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    call: Call, arguments: list[str], status: int, sentence: str
) -> None:
    ended = call("compare", *arguments)
    assert (ended.status, ended.out) == (status, "")
    assert ended.err.startswith("Error: ")
    assert sentence in ended.err
    assert ended.err.count("\n") == 1


@pytest.fixture
def with_broken(
    call: Call, copied_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> MlflowClient:
    """The demo with a version 7 whose files are gone, in a store of its own."""
    shutil.copytree(copied_demo / ".runoff", tmp_path / ".runoff")  # with what was scored before
    monkeypatch.chdir(tmp_path)
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/.runoff/mlflow.db")
    client.create_model_version("titanic-survival", source=(tmp_path / "gone").as_uri())
    return client


@pytest.mark.parametrize(
    ("arguments", "status"),
    [([], 0), (["--versions", "2,7"], 3), (["--baseline", "7", "--versions", "2"], 3)],
)
def test_a_version_that_cannot_be_scored_costs_itself_alone(
    call: Call, with_broken: MlflowClient, arguments: list[str], status: int
) -> None:
    """It is shown with its reason; the exit status says so where it was asked for."""
    ended = call("compare", "titanic-survival", *arguments, "--format", "json")
    assert ended.status == status
    versions = {one["version"]: one for one in json.loads(ended.out)["versions"]}
    assert versions[2]["status"] == "scored"
    assert versions[7]["status"] == "failed"
    assert set(versions[7]) == {"version", "status", "error"}
    error = versions[7]["error"]
    assert ended.err == f"Version 7 could not be scored: {error['title']} {error['hint']}\n"


def test_a_failure_is_kept_until_it_is_asked_to_be_tried_again(
    call: Call, with_broken: MlflowClient, tmp_path: Path
) -> None:
    arguments = ("titanic-survival", "--versions", "2,7", "--format", "json")
    assert call("compare", *arguments).status == 3  # for version 7, which is broken for good
    slow = facts_of_error(ScoringError(message("It was slow once.")))
    for path in (tmp_path / ".runoff/scores").rglob("*.scores"):
        path.rename(path.with_suffix(".failure")).write_text(json.dumps(slow))

    def statuses(*more: str) -> dict[int, str]:
        shown = json.loads(call("compare", *arguments, *more).out)
        return {one["version"]: one["status"] for one in shown["versions"]}

    assert statuses() == {1: "failed", 2: "failed", 7: "failed"}
    assert statuses("--again") == {1: "scored", 2: "scored", 7: "failed"}
    assert statuses() == {1: "scored", 2: "scored", 7: "failed"}


def test_without_production_there_is_no_baseline(
    call: Call, with_broken: MlflowClient, tmp_path: Path
) -> None:
    client = with_broken
    client.delete_model_version("titanic-survival", "7")
    client.delete_model_version("titanic-survival", "1")
    ended = call("compare", "titanic-survival", "--versions", "2,3", "--format", "json")
    assert ended.status == 0
    assert json.loads(ended.out)["baseline"] is None
    assert ended.err == (
        "titanic-survival has no version in Production: nothing to compare with. Name one with --baseline.\n"
    )


def test_a_model_without_a_split_says_what_to_write(
    call: Call, with_broken: MlflowClient, tmp_path: Path
) -> None:
    with_broken.rename_registered_model("titanic-survival", "<b>名")
    ended = call("compare", "<b>名")
    assert (ended.status, ended.out) == (3, "")
    assert "<b>名" in ended.err
    assert "Traceback" not in ended.err


def test_a_memo_in_both_forms_and_languages(call: Call) -> None:
    html = call("compare", "titanic-survival", "--versions", "2", "--format", "html")
    markdown = call(
        "compare", "titanic-survival", "--versions", "2", "--format", "markdown", "--language", "ja"
    )
    assert (html.status, html.err, markdown.status, markdown.err) == (0, "", 0, "")
    assert html.out.startswith("<!DOCTYPE html>")
    assert "<h1>Decision memo: titanic-survival</h1>" in html.out
    assert markdown.out.startswith("# 意思決定メモ: titanic-survival\n")
    again = markdown.out.partition("    python app.py ")[2].partition(" > ")[0].split()
    assert call(*again).out.partition("\n- **作成日時**")[0] == markdown.out.partition("\n- **作成日時**")[0]


def test_slices_are_added_worst_first_with_where_the_candidate_lost_most(call: Call) -> None:
    assert not {"slices", "flips"} & set(compared(call, "titanic-survival", "--versions", "3"))
    shown = compared(call, "titanic-survival", "--versions", "3,4", "--slices")["slices"]
    assert list(shown) == ["3", "4"]
    assert (shown["3"]["metric"], shown["3"]["level"]) == ("roc_auc", 1 - 0.05 / 10)
    slices = {f"{one['column']} = {one['value']}": one for one in shown["3"]["slices"]}
    assert set(slices) == {"Sex = male", "Sex = female", "Pclass = 1", "Pclass = 2", "Pclass = 3"}
    assert sum(one["rows"] for name, one in slices.items() if name.startswith("Sex")) == 143
    lows = [one["interval"][0] for one in shown["3"]["slices"]]
    assert lows == sorted(lows)
    lost = shown["3"]["lost_most"]
    lines = call("compare", "titanic-survival", "--versions", "3,4", "--slices").out.splitlines()
    assert lost["sentence"] in lines
    male = slices["Sex = male"]
    row = next(line for line in lines if line.startswith("Sex = male"))
    assert row.split()[3:6] == [str(male["rows"]), f"{male['baseline']:.3f}", f"{male['candidate']:.3f}"]


def test_changed_decisions_are_the_rows_that_were_counted(call: Call) -> None:
    shown = compared(call, "titanic-survival", "--versions", "4", "--flips")
    found, counted = shown["flips"]["4"], shown["versions"][1]["flips"]
    outcomes = [one["outcome"] for one in found["rows"]]
    assert (outcomes.count("fixed"), outcomes.count("broken")) == (counted["fixed"], counted["broken"])
    assert found["count"] == len(outcomes)
    for one in found["rows"]:
        assert ((one["candidate"] >= 0.5) == one["label"]) == (one["outcome"] == "fixed")
        assert set(one["features"]) == {"Pclass", "Sex", "Age", "Fare"}
    apart = [abs(one["candidate"] - one["baseline"]) for one in found["rows"]]
    assert apart == sorted(apart, reverse=True)
    lines = call("compare", "titanic-survival", "--versions", "4", "--flips").out.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("PassengerId"))
    named = [line.split()[0] for line in lines[start + 1 : start + 1 + min(20, found["count"])]]
    assert named == [one["row"] for one in found["rows"][:20]]


def test_rows_need_a_baseline(call: Call) -> None:
    alone = ("compare", "titanic-survival", "--versions", "2", "--baseline", "2", "--slices", "--flips")
    assert "Slices need a baseline and a candidate that are scored." in call(*alone).out
    assert compared(call, *alone[1:])["flips"] == {}


def test_what_differs_is_added_where_it_is_asked_for(call: Call) -> None:
    assert "differs" not in compared(call, "titanic-survival", "--versions", "3")
    sections = {
        one["section"]: {line["key"]: line for line in one["lines"]}
        for one in compared(call, "titanic-survival", "--versions", "3", "--differs")["differs"]
    }
    assert sections["parameters"]["max_depth"]["values"] == {"1": None, "3": "4"}
    assert sections["signature"]["Age"]["notes"] == {"3": "added"}
    assert sections["requirements"]["scikit-learn"]["same"] is True
    assert isinstance(sections["cost"]["size"]["values"]["3"], int)

    table = call("compare", "titanic-survival", "--versions", "3", "--differs").out
    assert "Parameters (1 identical)" in table
    assert "scikit-learn  " not in table.partition("Requirements")[2].partition("Training data")[0]
