import json
from datetime import datetime

from tests.commands.conftest import Call


def test_models_as_a_table(call: Call) -> None:
    ended = call("models")
    assert (ended.status, ended.err) == (0, "")
    header, *rows = ended.out.splitlines()
    assert header.split() == ["model", "versions", "Production", "updated", "(UTC)", "description"]
    assert [row.split()[:3] for row in rows] == [["breast-cancer", "3", "2"], ["titanic-survival", "6", "1"]]
    assert "乳房腫瘤" in rows[0]


def test_models_as_json(call: Call) -> None:
    ended = call("models", "--format", "json")
    assert (ended.status, ended.err) == (0, "")
    cancer, titanic = json.loads(ended.out)["models"]
    assert (titanic["name"], titanic["versions"], titanic["production"]) == ("titanic-survival", 6, [1])
    assert titanic["aliases"] == {"production": 1}
    assert datetime.fromisoformat(titanic["updated"]).utcoffset() is not None
    assert cancer["description"].startswith("乳房腫瘤")


def test_versions_as_a_table(call: Call) -> None:
    ended = call("versions", "titanic-survival")
    assert (ended.status, ended.err) == (0, "")
    _, *rows = ended.out.splitlines()
    assert [row.split()[0] for row in rows] == ["6", "5", "4", "3", "2", "1"]
    assert rows[-1].split()[1:3] == ["Production", "production"]
    assert rows[1].split()[1] == "Staging"


def test_versions_as_json(call: Call) -> None:
    ended = call("versions", "breast-cancer", "--format", "json")
    assert (ended.status, ended.err) == (0, "")
    shown = json.loads(ended.out)
    assert shown["model"] == "breast-cancer"
    newest, production, first = shown["versions"]
    assert (newest["version"], newest["stage"], newest["aliases"]) == (3, "None", [])
    assert (production["stage"], production["aliases"]) == ("Production", ["production"])
    assert first["tags"]["recipe"] == "means-only"
    assert first["run_id"]


def test_a_model_that_is_not_there(call: Call) -> None:
    ended = call("versions", "titanic-survivor")
    assert (ended.status, ended.out) == (3, "")
    assert ended.err.count("\n") == 1
    assert ended.err.endswith('Did you mean "titanic-survival"?\n')
    assert "Did you mean" not in call("versions", "xyz").err
