import re
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import SettingsError
from core.evidence.metrics import METRICS
from core.gate_settings import MetricGate, Rule
from core.settings import METRIC_NAMES, Holdout, Settings, SplitSettings, Task, load_settings, split_example

FULL = """
tracking_uri: http://user:secret@mlflow:5000
data_dir: kept
database_url: sqlite:///kept/ledger.db
alias: champion
models:
  default:
    task: regression
  titanic-survival:
    task: binary
    split:
      data: data/titanic.csv
      target: Survived
      positive: 1
      features: [Pclass, Sex, Age, Fare]
      map: {Sex: {male: 0, female: 1, unknown: null}}
      drop_missing: true
      holdout: {test_size: 0.2, random_state: 42, stratify: false}
      id: PassengerId
      slices: [Sex, Pclass]
    primary_metric: f1
    gates: [{metric: f1, at_least: 0.7}]
"""


class Load(Protocol):
    def __call__(
        self, text: str | None = None, *, tracking_uri: str | None = None, environ: Mapping[str, str] = ...
    ) -> Settings: ...


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load(
        text: str | None = None, *, tracking_uri: str | None = None, environ: Mapping[str, str] = {}
    ) -> Settings:
        if text is not None:
            (tmp_path / "runoff.yaml").write_text(text, encoding="utf-8")
        return load_settings(None, tracking_uri=tracking_uri, environ=environ, folder=tmp_path)

    return load


def split_in(settings: Settings, model: str = "titanic") -> SplitSettings:
    split = settings.for_model(model).split
    assert split is not None
    return split


def split_of(lines: str) -> str:
    body = "".join(f"      {line}\n" for line in lines.splitlines())
    return f"models:\n  titanic:\n    split:\n{body}"


def test_every_setting_of_the_contract(load: Load, tmp_path: Path) -> None:
    settings = load(FULL)
    assert settings.tracking_uri == "http://user:secret@mlflow:5000"
    assert not settings.embedded
    assert settings.data_dir == tmp_path / "kept"
    assert settings.database_url == f"sqlite:///{tmp_path}/kept/ledger.db"
    assert settings.alias == "champion"
    assert settings.source == tmp_path / "runoff.yaml"
    assert settings.for_model("another").task is Task.REGRESSION
    model = settings.for_model("titanic-survival")
    assert (model.task, model.primary_metric) == (Task.BINARY, "f1")
    assert model.gates == (MetricGate(metric="f1", rule=Rule.AT_LEAST, bound=0.7),)
    split = split_in(settings, "titanic-survival")
    assert split.data == str(tmp_path / "data/titanic.csv")
    assert split.shown_as == "data/titanic.csv"
    assert (split.target, split.positive, split.id) == ("Survived", 1, "PassengerId")
    assert split.features == ("Pclass", "Sex", "Age", "Fare")
    assert split.map == {"Sex": {"male": 0, "female": 1, "unknown": None}}
    assert split.drop_missing
    assert split.holdout == Holdout(test_size=0.2, random_state=42, stratify=False)
    assert split.slices == ("Sex", "Pclass")


def test_without_a_file_the_embedded_store_and_the_demo(load: Load, tmp_path: Path) -> None:
    settings = load()
    assert settings.embedded
    assert settings.source is None
    assert settings.data_dir == tmp_path / ".runoff"
    assert settings.tracking_uri == f"sqlite:///{tmp_path}/.runoff/mlflow.db"
    assert settings.database_url == f"sqlite:///{tmp_path}/.runoff/runoff.db"
    assert split_in(settings, "titanic-survival").features == ("Pclass", "Sex", "Age", "Fare")
    assert settings.for_model("breast-cancer").primary_metric == "recall"


def test_a_file_overrides_the_demo_model_by_model(load: Load) -> None:
    settings = load("models:\n  titanic-survival:\n    primary_metric: mcc\n")
    assert settings.embedded
    assert settings.for_model("titanic-survival").primary_metric == "mcc"
    assert settings.for_model("titanic-survival").split is None
    assert settings.for_model("breast-cancer").split is not None


@pytest.mark.parametrize(
    ("argument", "line", "environ", "expected"),
    [
        ("http://a", "tracking_uri: http://b", {"MLFLOW_TRACKING_URI": "http://c"}, "http://a"),
        (None, "tracking_uri: http://b", {"MLFLOW_TRACKING_URI": "http://c"}, "http://b"),
        (None, "", {"MLFLOW_TRACKING_URI": "http://c"}, "http://c"),
        (None, "", {"MLFLOW_TRACKING_URI": ""}, None),
    ],
)
def test_who_names_the_store(
    load: Load, argument: str | None, line: str, environ: Mapping[str, str], expected: str | None
) -> None:
    settings = load(line, tracking_uri=argument, environ=environ)
    assert settings.embedded == (expected is None)
    assert expected is None or settings.tracking_uri == expected
    assert (settings.for_model("titanic-survival").split is None) == (expected is not None)


def test_which_file_is_read(tmp_path: Path) -> None:
    for name in ("argument", "variable", "here"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "runoff.yaml").write_text(f"alias: {name}")
    environ = {"RUNOFF_CONFIG": "../variable/runoff.yaml"}
    here = tmp_path / "here"
    chosen = load_settings(tmp_path / "argument/runoff.yaml", environ=environ, folder=here)
    assert (chosen.alias, chosen.data_dir) == ("argument", tmp_path / "argument" / ".runoff")
    assert load_settings(None, environ=environ, folder=here).alias == "variable"
    assert load_settings(None, environ={}, folder=here).alias == "here"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("sqlite:///store.db", "sqlite:///{base}/store.db"),
        ("sqlite:////srv/store.db", "sqlite:////srv/store.db"),
        ("sqlite:///C:/store.db", "sqlite:///C:/store.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql://me@host/store", "postgresql://me@host/store"),
    ],
)
def test_a_relative_database_is_found_from_the_file(
    load: Load, tmp_path: Path, written: str, expected: str
) -> None:
    assert load(f"tracking_uri: '{written}'").tracking_uri == expected.format(base=tmp_path)


def test_words_that_older_yaml_takes_for_something_else_are_text(load: Load) -> None:
    lines = "data: a.csv\ntarget: on\npositive: yes\nfeatures: [no, y, 2024-01-01]\nmap: {no: {off: 1e-3}}"
    split = split_in(load(split_of(lines)))
    assert (split.target, split.positive, split.features) == ("on", "yes", ("no", "y", "2024-01-01"))
    assert split.map == {"no": {"off": 0.001}}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("https://me:secret@host:8443/a.csv?X-Signature=secret", "https://host:8443/a.csv"),
        ("s3://key:secret@bucket/a.parquet", "s3://bucket/a.parquet"),
        ("http://host/a.csv.gz", "http://host/a.csv.gz"),
    ],
)
def test_a_url_is_shown_without_its_secrets(load: Load, written: str, shown: str) -> None:
    settings = load(split_of(f"data: {written}\ntarget: y"))
    split = split_in(settings)
    assert (split.data, split.shown_as) == (written, shown)
    assert "secret" not in repr(settings)


def test_a_file_url_is_a_path(load: Load) -> None:
    assert split_in(load(split_of("data: file:///srv/a%20b.csv\ntarget: y"))).data == "/srv/a b.csv"


WRONG = [
    ("modles: {}", "modles is not a setting. Did you mean models?"),
    ("zzz: 1", "zzz is not a setting. Known here: tracking_uri, data_dir, database_url, alias, models."),
    ("5", "runoff.yaml holds no settings."),
    ("models: [a]", "models is of the wrong kind."),
    ("models: {1: {}}", "models.1 must be text. Put it in quotes."),
    ("models: {a: 3}", "models.a cannot be 3."),
    ("models: {a: {task: binray}}", 'models.a.task cannot be "binray". Did you mean binary?'),
    (
        "models: {a: {primary_metric: ROC AUC}}",
        'models.a.primary_metric cannot be "ROC AUC". Did you mean roc_auc?',
    ),
    ("models: {a: {gates: 1}}", "models.a.gates cannot be 1. Write a list"),
    ("models: {'a.b c': {x: 1}}", 'models."a.b c".x is not a setting.'),
    ('models: {"a\\nb": {x: 1}}', 'models."a\\nb".x is not a setting.'),
    ("alias: latest", 'alias cannot be "latest".'),
    ("alias: V3", 'alias cannot be "V3".'),
    ("data_dir: 3", "data_dir must be text."),
    ("data_dir: ' '", "data_dir is empty."),
    ("database_url: secret", "database_url is no database URL."),
    ("alias: a\nmodels: {}\nalias: b", "runoff.yaml, line 3: alias stands twice."),
    ("models:\n  a:\n    task: binary\n    task: binary", "line 4: models.a.task stands twice."),
    ("models: [", "runoff.yaml, line 1: "),
    ("models: {a: {task: !!python/name:os.system x}}", "could not determine a constructor"),
    ("models: &a {b: *c}", "found undefined alias"),
    ("[" * 5000, "runoff.yaml is not YAML."),
    ("models: !!int x", "runoff.yaml is not YAML."),
    ("a: \x01", "runoff.yaml is not YAML."),
    ("---\na: 1\n---\nb: 1", "expected a single document"),
    (split_of("target: y"), "models.titanic.split.data is missing. Add data: below models.titanic.split."),
    (split_of("data: a.csv"), "models.titanic.split.target is missing."),
    (split_of("data: a.csv\ntarget: 1"), "models.titanic.split.target must be text. Put it in quotes."),
    (
        split_of("data: a.csv\ntarget: y\ntraget: y"),
        "models.titanic.split.traget is not a setting. Did you mean target?",
    ),
    (
        split_of("data: a.csv\ntarget: y\npositive: [1]"),
        "models.titanic.split.positive is of the wrong kind.",
    ),
    (
        split_of("data: a.csv\ntarget: y\nfeatures: a"),
        'models.titanic.split.features cannot be "a". Write a list',
    ),
    (split_of("data: a.csv\ntarget: y\nfeatures: [a, 1]"), "models.titanic.split.features[1] must be text."),
    (split_of("data: a.csv\ntarget: y\nfeatures: [a, a]"), 'models.titanic.split.features[1] is "a" again.'),
    (split_of("data: a.csv\ntarget: y\nfeatures: [y]"), "models.titanic.split.features holds the target."),
    (
        split_of("data: a.csv\ntarget: y\ndrop_missing: yes"),
        'drop_missing cannot be "yes". Write true or false.',
    ),
    (split_of("data: a.csv\ntarget: y\nmap: {a: 1}"), "models.titanic.split.map.a cannot be 1."),
    (
        split_of("data: a.csv\ntarget: y\nmap: {a: {b: [1]}}"),
        "models.titanic.split.map.a.b is of the wrong kind.",
    ),
    (split_of("data: a.csv\ntarget: y\nmap: {a: {null: 1}}"), "models.titanic.split.map.a.null is no value."),
    (
        split_of("data: a.csv\ntarget: y\nholdout: {}"),
        "models.titanic.split.holdout.random_state is missing.",
    ),
    (split_of("data: a.csv\ntarget: y\nholdout: {random_state: -1}"), "random_state cannot be -1."),
    (split_of("data: a.csv\ntarget: y\nholdout: {random_state: true}"), "random_state cannot be true."),
    (
        split_of("data: a.csv\ntarget: y\nholdout: {random_state: 1, test_size: 1.0}"),
        "test_size cannot be 1.0.",
    ),
    (
        split_of("data: a.csv\ntarget: y\nholdout: {random_state: 1, test_size: 20%}"),
        'test_size cannot be "20%".',
    ),
    (split_of("data: a.csv\ntarget: y\nholdout: {random_state: 1, stratify: y}"), 'stratify cannot be "y".'),
    (
        split_of("data: ftp://secret@h/a.csv\ntarget: y"),
        "models.titanic.split.data is no URL that can be read.",
    ),
    (split_of("data: 'http://[secret'\ntarget: y"), "models.titanic.split.data is no valid URL."),
    (split_of("data: http:///a.csv\ntarget: y"), "models.titanic.split.data is no URL that can be read."),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_a_mistake_is_one_sentence_that_names_the_place(load: Load, text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(text)
    said = str(caught.value)
    assert sentence in said
    assert "\n" not in said
    assert "secret" not in said
    assert said.startswith("runoff.yaml")


def test_a_password_in_a_line_that_does_not_parse_is_not_repeated(load: Load) -> None:
    with pytest.raises(SettingsError) as caught:
        load("tracking_uri: http://me:secret@host: x\nmodels: [")
    assert "secret" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path, load: Load) -> None:
    with pytest.raises(SettingsError, match=r"The configuration file gone.yaml does not exist."):
        load_settings(tmp_path.joinpath("gone.yaml").relative_to(tmp_path), environ={}, folder=tmp_path)
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load_settings(tmp_path, environ={}, folder=tmp_path)
    (tmp_path / "runoff.yaml").write_bytes(b"alias: \xff")
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        load()


def test_cyclic_and_exploding_aliases_end(load: Load) -> None:
    assert load("models: {}\ndata_dir: &a x\nalias: *a").alias == "x"
    bomb = "a: &a [x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)},*{chr(97 + i)}]\n" for i in range(24)
    )
    for text in (bomb, "models: &a {x: *a}"):
        with pytest.raises(SettingsError):
            load(text)


def test_merge_keys_share_settings(load: Load) -> None:
    text = "models:\n  a: &a {task: binary, primary_metric: f1}\n  b: {<<: *a, primary_metric: mcc}\n"
    model = load(text).for_model("b")
    assert (model.task, model.primary_metric) == (Task.BINARY, "mcc")


def test_the_metrics_are_those_that_are_computed() -> None:
    assert tuple(metric.name for metric in METRICS) == METRIC_NAMES


@pytest.mark.parametrize("metric", METRIC_NAMES)
def test_every_metric_can_be_the_primary_one(load: Load, metric: str) -> None:
    assert load(f"models: {{a: {{primary_metric: {metric}}}}}").for_model("a").primary_metric == metric


def test_the_example_is_what_a_person_would_write() -> None:
    assert split_example("titanic-survival", ["Pclass", "Sex"]) == (
        "models:\n"
        "  titanic-survival:\n"
        "    split:\n"
        "      data: data/test.csv\n"
        "      target: target\n"
        "      positive: 1\n"
        "      features: [Pclass, Sex]\n"
    )
    assert "features" not in split_example("m", [])
    assert "target: target_3\n" in split_example("m", ["target", "target_2"])


NAMES = st.one_of(
    st.text(st.characters(blacklist_categories=["Cs"]), min_size=1),
    st.sampled_from(
        [
            "生存",
            "<script>alert('x')</script>",
            "a\nb",
            "no",
            "1e3",
            "007",
            "~",
            "a: b # c",
            "mean radius",
            '"',
            "😀",
            "\u2028",
            "\x85",
        ]
    ),
)


@settings(deadline=None)  # other work may share the machine
@given(model=NAMES.filter(lambda name: name != "default"), columns=st.lists(NAMES, unique=True, max_size=12))
def test_the_example_can_be_pasted_whatever_the_names(
    tmp_path_factory: pytest.TempPathFactory, model: str, columns: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("example")
    (folder / "runoff.yaml").write_text(split_example(model, columns), encoding="utf-8", newline="")
    split = split_in(load_settings(None, environ={}, folder=folder), model)
    assert split.features == (tuple(columns) or None)
    assert split.positive == 1
    assert split.target not in columns


def test_on_what_terms_versions_are_judged(load: Load) -> None:
    usual = load().for_model("anything")
    assert (usual.alpha, usual.cost_ratio, usual.margin("roc_auc")) == (0.05, 1.0, 0.01)
    lines = "models:\n  a: {alpha: 0.1, margin: 0.02, cost_ratio: 5, primary_metric: f1}\n"
    model = load(lines + "  b: {margin: {recall: 0, brier: 0.5}}\n").for_model("a")
    assert (model.alpha, model.cost_ratio) == (0.1, 5.0)
    assert (model.margin("f1"), model.margin("recall")) == (0.02, 0.01)
    other = load(lines + "  b: {margin: {recall: 0, brier: 0.5}}\n").for_model("b")
    assert (other.margin("recall"), other.margin("brier"), other.margin("roc_auc")) == (0.0, 0.5, 0.01)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("alpha: 0", "models.a.alpha cannot be 0. Write a number from 1e-06 to below 0.5."),
        ("alpha: 0.5", "models.a.alpha cannot be 0.5."),
        ("margin: -0.1", "models.a.margin cannot be -0.1. Write a number from 0."),
        ("margin: {roc: 0.1}", "models.a.margin.roc is not a setting. Did you mean roc_auc?"),
        ("margin: {f1: much}", 'models.a.margin.f1 cannot be "much".'),
        ("cost_ratio: true", "models.a.cost_ratio cannot be"),
    ],
)
def test_terms_that_make_no_sense(load: Load, line: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(sentence)):
        load(f"models:\n  a: {{{line}}}\n")
