"""The panel's callbacks as a browser, or somebody who pretends to be one, calls them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from dash import Dash

from core.decision.access import Role, local_actor
from core.decision.gate_report import CheckOutcome, CheckResult, Finding, GateReport
from core.decision.record import Kind, Phase
from core.decision.standing import Expected, Outcome
from core.errors import GateChanged, LedgerError, ProductionMoved, SplitNotConfigured, StoreUnreachable
from core.evidence.comparison import ScoringState, Status
from core.gate_settings import Severity
from core.messages import message
from core.services import Services
from dashboard.factory import create_app
from tests.dashboard.comparing import (
    MODEL,
    HandScorer,
    OneSplit,
    VersionStore,
    make_scores,
    make_services,
    make_split,
    make_version,
)
from tests.dashboard.deciding import HandDecisions, make_entry, reference

SEEN = {"version": 2, "digest": reference(2).digest, "stage": "None", "token": "t"}
VIEW = "promotion-panel.hidden"
ASK = "promotion-question.children"
CONFIRM = "promotion-reason.value"
GATE = "promotion-gate.data"
HERE = {"REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture
def store() -> VersionStore:
    numbers = range(1, 5)
    return VersionStore([make_version(n, stage="Production" if n == 2 else "None") for n in numbers])


@pytest.fixture
def scorer() -> HandScorer:
    return HandScorer(make_split())


@pytest.fixture
def decisions(store: VersionStore) -> HandDecisions:
    return HandDecisions(store.versions)


@pytest.fixture
def services(store: VersionStore, scorer: HandScorer, decisions: HandDecisions, tmp_path: Path) -> Services:
    return make_services(store, scorer, tmp_path, decisions)


@pytest.fixture
def app(services: Services) -> Dash:
    return create_app(services)


def outputs(key: str) -> list[str]:
    """What a callback writes; of one that shares a place with others, without their mark."""
    return [output.partition("@")[0] for output in key.strip(".").split("...")]


class Browser:
    """Sends what a page would; the values may be anything."""

    def __init__(self, app: Dash) -> None:
        self._app = app
        self.client = app.server.test_client()

    def send(self, output: str, changed: str, values: Mapping[str, Any], **environ: Any) -> Any:
        writers = [key for key in self._app.callback_map if output in outputs(key)]
        key = min(writers, key=lambda key: len(outputs(key)))  # the one that is for this alone
        spec = self._app.callback_map[key]
        body = {
            "output": key,
            "outputs": [item.to_dict() for item in spec["output"]],
            "inputs": [self._filled(item, values) for item in spec["inputs"]],
            "state": [self._filled(item, values) for item in spec["state"]],
            "changedPropIds": [changed],
        }
        answer = self.client.post("/_dash-update-component", json=body, environ_overrides={**HERE, **environ})
        assert answer.status_code in {200, 204}, answer.text  # 204: nothing is to change
        return json.loads(answer.text).get("response", {}) if answer.text else {}

    @staticmethod
    def _filled(item: Mapping[str, str], values: Mapping[str, Any]) -> Any:
        return {**item, "value": values.get(f"{item['id']}.{item['property']}")}

    def look(self, *, changed: str = "promotion-look.data", **values: Any) -> Any:
        known = {
            "comparison-model.data": MODEL,
            "promotion-stage.value": "Staging",
            "shell-scheme.data": "light",
        }
        return self.send(VIEW, changed, {**known, **dotted(values)})

    def ask(self, button: str = "promotion-promote", **values: Any) -> Any:
        pressed = f"{button}.{'data' if button == 'promotion-outside' else 'n_clicks'}"
        known = {
            "comparison-model.data": MODEL,
            "comparison-threshold.value": 0.4,
            "promotion-version.value": 3,
            "promotion-rollback-version.value": 1,
            "promotion-stage.value": "Staging",
            "promotion-reason.value": " better ",
            "promotion-seen.data": SEEN,
            pressed: 1,
        }
        return self.send(ASK, pressed, {**known, **dotted(values)})

    def gate(self, asked: Any, **environ: Any) -> Any:
        """What the dialog shows of the gate, and keeps of it."""
        values = {"comparison-model.data": MODEL, "promotion-asked.data": asked}
        return self.send(GATE, "promotion-asked.data", values, **environ)

    def confirm(self, asked: Any, *, gate: Any = None, overridden: Any = None, **environ: Any) -> Any:
        """As the dialog does once the gate is there, unless another one is given."""
        if gate is None and isinstance(asked, dict) and asked.get("kind") == "promote" and "version" in asked:
            gate = self.gate(asked, **environ)["promotion-gate"]["data"]
        values = {
            "comparison-model.data": MODEL,
            "promotion-asked.data": asked,
            "promotion-gate.data": gate,
            "promotion-overridden.data": overridden,
            "promotion-confirm.n_clicks": 1,
        }
        return self.send(CONFIRM, "promotion-confirm.n_clicks", values, **environ)


def dotted(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("__", ".").replace("_", "-"): value for name, value in values.items()}


@pytest.fixture
def browser(app: Dash) -> Browser:
    return Browser(app)


def done(_kind: Kind, facts: Mapping[str, Any]) -> Outcome:
    number = facts.get("version") or 2
    return Outcome(entry=make_entry(Phase.DONE, before=reference(2), after=reference(number)))


def test_a_look_shows_what_is_so_and_what_a_move_will_be_compared_with(browser: Browser) -> None:
    shown = browser.look()
    assert shown["promotion-production"]["children"] == "v2"
    assert shown["promotion-panel"]["hidden"] is False
    assert shown["promotion-seen"]["data"]["version"] == 2
    assert shown["promotion-can"]["data"]["promote"] == "Choose a version first."
    assert shown["promotion-can"]["data"]["rollback"] == ""
    assert shown["promotion-rollback-version"]["value"] == 1
    assert "promotion-changed" not in shown


def test_the_page_follows_only_where_something_has_changed(browser: Browser) -> None:
    seen = browser.look()["promotion-seen"]["data"]
    assert "promotion-changed" not in browser.look(promotion_seen__data=seen)
    shown = browser.look(promotion_seen__data={**seen, "token": "another"})
    assert shown["promotion-changed"]["data"] == seen["token"]


def test_choosing_a_version_scores_it_and_a_look_does_not(browser: Browser, scorer: HandScorer) -> None:
    scorer.states[3] = ScoringState(status=Status.NOT_SCORED)
    shown = browser.look(promotion_version__value=3)
    assert (scorer.asked, shown["promotion-can"]["data"]["promote"]) == ([], "v3 is not scored yet.")
    shown = browser.look(changed="promotion-version.value", promotion_version__value=3)
    assert scorer.asked == [("request", 3)]
    assert shown["promotion-can"]["data"]["promote"] == "v3 waits to be scored."
    assert shown["promotion-poll"]["n_intervals"] == 0


def test_the_chosen_way_back_stays_until_production_is_another(browser: Browser, decisions: Any) -> None:
    one = replace(decisions.standing(MODEL).past[0], version=reference(4))
    decisions.facts = {"past": (*decisions.standing(MODEL).past, one)}
    chosen: dict[str, Any] = {"promotion_rollback_version__value": 4}
    assert browser.look(promotion_seen__data=SEEN, **chosen)["promotion-rollback-version"]["value"] == 4
    before = {**SEEN, "version": 3}
    assert browser.look(promotion_seen__data=before, **chosen)["promotion-rollback-version"]["value"] == 1


def test_versions_are_read_anew_where_something_has_moved(browser: Browser, store: VersionStore) -> None:
    browser.look()
    store.kept[2] = make_version(3, stage="Staging")
    chosen: dict[str, Any] = {"promotion_version__value": 3}
    stale = browser.look(changed="promotion-stage.value", **chosen)["promotion-seen"]["data"]["stage"]
    fresh = browser.look(**chosen)["promotion-seen"]["data"]["stage"]
    assert (stale, fresh) == ("None", "Staging")


def test_without_a_split_the_panel_says_so(browser: Browser, services: Services) -> None:
    assert isinstance(services.splits, OneSplit)
    services.splits.error = SplitNotConfigured(message("No test split is configured."))
    shown = browser.look(promotion_version__value=3)
    assert shown["promotion-can"]["data"]["promote"] == "No test split is configured."
    assert shown["promotion-production"]["children"] == "v2"


def test_a_store_that_is_away_leaves_the_panel_with_its_reason(browser: Browser, store: VersionStore) -> None:
    store.error = StoreUnreachable(message("Nobody answers."))
    shown = browser.look()
    assert shown["promotion-can"]["data"]["promote"] == "Nobody answers."
    assert shown["promotion-poll"]["n_intervals"] == 0
    assert "promotion-seen" not in shown


def test_a_model_that_is_none_has_no_panel(browser: Browser) -> None:
    assert browser.look(comparison_model__data="nobody")["promotion-panel"]["hidden"] is True


def test_a_button_asks_before_anything_moves(browser: Browser, decisions: HandDecisions) -> None:
    shown = browser.ask()
    asked = shown["promotion-asked"]["data"]
    assert shown["promotion-question"]["children"] == "Promote v3 to Production?"
    assert (asked["version"], asked["reason"], asked["threshold"]) == (3, "better", 0.4)
    assert asked["expected"] == {"version": 2, "digest": reference(2).digest}
    assert browser.ask()["promotion-asked"]["data"]["key"] != asked["key"]
    assert decisions.asked == []


def test_a_version_goes_with_the_threshold_at_which_the_page_operates_it(browser: Browser) -> None:
    asked = browser.ask(comparison_mode__value="recall", comparison_target_box__value=0.8)["promotion-asked"][
        "data"
    ]
    split = make_split()
    scores = make_scores(split, 3).values
    reached = [one for one in scores if (split.labels & (scores >= one)).sum() >= 0.8 * split.positives]
    assert asked["threshold"] == max(reached)


@pytest.mark.parametrize(
    ("button", "kind", "facts"),
    [
        ("promotion-promote", Kind.PROMOTE, {"version": 3, "threshold": 0.4}),
        ("promotion-rollback", Kind.ROLLBACK, {"version": 1, "threshold": 0.4}),
        ("promotion-move", Kind.STAGE, {"version": 3, "stage": "Staging", "expected_stage": "None"}),
    ],
)
def test_what_was_asked_is_what_is_done(
    browser: Browser, decisions: HandDecisions, button: str, kind: Kind, facts: dict[str, Any]
) -> None:
    decisions.act = done
    asked = browser.ask(button)["promotion-asked"]["data"]
    shown = browser.confirm(asked)
    ((was, given),) = decisions.asked
    assert was is kind
    assert {**given, **facts} == given
    assert (given["actor"], given["reason"], given["key"]) == (local_actor(), "better", asked["key"])
    if kind is not Kind.STAGE:
        assert given["expected"] == Expected(version=2, digest=reference(2).digest)
    assert shown["promotion-reason"]["value"] == ""


@pytest.mark.parametrize(
    ("pressed", "kind", "version"),
    [
        ({"action": "adopt", "version": 3, "at": 1}, "adopt", 3),
        ({"action": "restore", "version": 0, "at": 1}, "restore", None),
        (["adopt"], "restore", None),
    ],
)
def test_a_change_from_outside_is_settled_by_the_banners_buttons(
    browser: Browser, pressed: Any, kind: str, version: int | None
) -> None:
    asked = browser.ask("promotion-outside", promotion_outside__data=pressed)["promotion-asked"]["data"]
    assert (asked["kind"], asked["version"]) == (kind, version)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"promotion_reason__value": " \n "}, "Type a reason first."),
        ({"promotion_reason__value": ["x"]}, "Type a reason first."),
        ({"promotion_version__value": None}, "Choose a version first."),
        ({"promotion_version__value": "3; drop table"}, "Choose a version first."),
        ({"promotion_seen__data": None}, "This request makes no sense"),
        ({"promotion_seen__data": {"version": "two"}}, "This request makes no sense"),
        ({"promotion_seen__data": {**SEEN, "version": 1}}, "no longer what this page showed"),
        (
            {"promotion_seen__data": {**SEEN, "digest": "sha256:" + "ab" * 32}},
            "no longer what this page showed",
        ),
    ],
)
def test_what_cannot_be_asked_is_told_and_opens_no_dialog(
    browser: Browser, values: dict[str, Any], why: str
) -> None:
    shown = browser.ask(**values)
    assert why in str(shown["promotion-said"])
    assert "promotion-asked" not in shown
    assert "promotion-look" in shown


def test_who_is_behind_is_told_who_moved_it_and_when(browser: Browser) -> None:
    shown = browser.ask(promotion_seen__data={**SEEN, "version": 1})
    assert "alice put v2 into Production on 12 Nov 2026, 05:05." in str(shown["promotion-said"])


@pytest.mark.parametrize("stage", [None, "Production", "<b>", 7])
def test_a_stage_that_is_none_is_refused(browser: Browser, stage: Any) -> None:
    shown = browser.ask("promotion-move", promotion_stage__value=stage)
    assert "This request makes no sense" in str(shown["promotion-said"])


@pytest.mark.parametrize("asked", [None, [], "x", {}, {"kind": "promote"}, {"kind": {"a": 1}, "key": []}])
def test_a_confirmation_of_nothing_moves_nothing(
    browser: Browser, decisions: HandDecisions, asked: Any
) -> None:
    shown = browser.confirm(asked)
    assert "This request makes no sense" in str(shown["promotion-said"])
    assert decisions.asked == []


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ProductionMoved(message("Version 4 is there now.")), "alice put v2 into Production"),
        (LedgerError(message("The disk is full."), message("Free some space.")), "Free some space."),
    ],
)
def test_a_refusal_keeps_what_was_typed(
    browser: Browser, decisions: HandDecisions, error: Exception, text: str
) -> None:
    def refuse(_kind: Kind, _facts: Mapping[str, Any]) -> Outcome:
        raise error

    decisions.act = refuse
    shown = browser.confirm(browser.ask()["promotion-asked"]["data"])
    assert text in str(shown["promotion-said"])
    assert "promotion-reason" not in shown
    assert "promotion-look" in shown


@pytest.mark.parametrize("phase", [Phase.FAILED, Phase.UNKNOWN, Phase.CONFLICT])
def test_what_was_not_done_keeps_what_was_typed(
    browser: Browser, decisions: HandDecisions, phase: Phase
) -> None:
    decisions.act = lambda _kind, _facts: Outcome(entry=make_entry(phase, after=reference(3)))
    shown = browser.confirm(browser.ask()["promotion-asked"]["data"])
    assert "promotion-reason" not in shown
    assert "MLflow" in str(shown["promotion-said"])


def warned(report: GateReport) -> GateReport:
    """The split cannot show whether it is worse."""
    numbers = {"difference": 0.001, "low": -0.058, "high": 0.06, "rows": 143.0}
    return with_check(report, "no_worse_than", Severity.WARN, CheckOutcome.INCONCLUSIVE, numbers)


def failed(report: GateReport) -> GateReport:
    return with_check(report, "at_least", Severity.BLOCK, CheckOutcome.FAILED, {"value": 0.8, "bound": 0.9})


def with_check(
    report: GateReport, code: str, severity: Severity, outcome: CheckOutcome, numbers: dict[str, float]
) -> GateReport:
    finding = Finding(outcome=outcome, reason=message("So it <b>is</b>."), numbers=numbers)
    check = CheckResult(code=code, severity=severity, finding=finding, metric="roc_auc")
    return replace(report, checks=(report.checks[0], check))


def test_the_gate_comes_after_the_dialog(browser: Browser, decisions: HandDecisions) -> None:
    decisions.report = warned
    shown = browser.ask()
    assert "Checking the gate…" in str(shown["promotion-checks"])
    assert shown["promotion-gate"]["data"] is None
    asked = shown["promotion-asked"]["data"]
    shown = browser.gate(asked)
    assert "So it <b>is</b>." in str(shown["promotion-checks"])
    assert "143 rows cannot rule out that v3 is worse by up to 5.8 pp in ROC AUC." in str(
        shown["promotion-warnings"]
    )
    assert shown["promotion-confirm"]["children"] == "I know this: promote v3"
    kept = shown["promotion-gate"]["data"]
    assert kept["key"] == asked["key"]
    assert (kept["why"], kept["offer"]) == ("", "")


@pytest.mark.parametrize("button", ["promotion-rollback", "promotion-move"])
def test_other_moves_have_no_gate(browser: Browser, decisions: HandDecisions, button: str) -> None:
    decisions.act = done
    shown = browser.ask(button)
    assert shown["promotion-checks"]["children"] == []
    assert browser.gate(shown["promotion-asked"]["data"]) == {}
    browser.confirm(shown["promotion-asked"]["data"])
    assert "seal" not in decisions.asked[0][1]


@pytest.mark.parametrize("made", [warned, replace])
def test_one_click_acknowledges_what_the_split_cannot_show(
    browser: Browser, decisions: HandDecisions, made: Any
) -> None:
    decisions.report, decisions.act = made, done
    browser.confirm(browser.ask()["promotion-asked"]["data"])
    ((_kind, given),) = decisions.asked
    seal = made(decisions.gate(MODEL, 3, threshold=0.4)).seal
    assert (given["seal"], given["acknowledged"], given["override"]) == (seal, made is warned, False)


def test_a_failed_gate_is_overridden_by_who_may(browser: Browser, decisions: HandDecisions) -> None:
    decisions.report, decisions.act = failed, done
    asked = browser.ask()["promotion-asked"]["data"]
    shown = browser.gate(asked)
    assert "v3 fails its gate: ROC AUC: at least." in str(shown["promotion-warnings"])
    assert shown["promotion-gate"]["data"]["offer"].startswith("Override the gate")
    assert shown["promotion-confirm"]["children"] == "Promote v3"
    browser.confirm(asked, overridden="another move's key")
    browser.confirm(asked, overridden=asked["key"])
    assert [given["override"] for _kind, given in decisions.asked] == [False, True]


def test_who_may_not_override_is_told_so(browser: Browser, decisions: HandDecisions) -> None:
    decisions.report = failed
    shown = browser.gate(browser.ask()["promotion-asked"]["data"], REMOTE_ADDR="192.0.2.7")
    kept = shown["promotion-gate"]["data"]
    assert (kept["why"], kept["offer"]) == ("Only an administrator may override the gate.", "")


def test_a_gate_that_cannot_be_had_is_told_and_binds_to_nothing(
    browser: Browser, decisions: HandDecisions
) -> None:
    decisions.gate_error = StoreUnreachable(message("Nobody answers."), message("Start MLflow."))
    asked = browser.ask()["promotion-asked"]["data"]
    kept = browser.gate(asked)["promotion-gate"]["data"]
    assert kept["why"] == "The gate cannot be checked: Nobody answers. Start MLflow."
    assert "has not been shown yet" in str(browser.confirm(asked, gate=kept)["promotion-said"])
    assert decisions.asked == []


@pytest.mark.parametrize("gate", [{}, "x", {"key": "another", "seal": "1:2:3"}, {"seal": "1:2:3"}])
def test_a_promotion_whose_gate_was_not_shown_moves_nothing(
    browser: Browser, decisions: HandDecisions, gate: Any
) -> None:
    shown = browser.confirm(browser.ask()["promotion-asked"]["data"], gate=gate)
    assert "has not been shown yet" in str(shown["promotion-said"])
    assert decisions.asked == []


def test_a_gate_that_has_become_another_is_shown_in_the_dialog(
    browser: Browser, decisions: HandDecisions
) -> None:
    def refuse(_kind: Kind, _facts: Mapping[str, Any]) -> Outcome:
        raise GateChanged(message("The test split has changed."), message("Look again."))

    decisions.act = refuse
    asked = browser.ask()["promotion-asked"]["data"]
    shown = browser.confirm(asked)
    assert "The test split has changed." in str(shown["promotion-refused"])
    assert "promotion-said" not in shown
    again = shown["promotion-asked"]["data"]
    assert again["key"] != asked["key"]  # the dialog opens again, and asks for its gate
    assert {**again, "key": ""} == {**asked, "key": ""}
    assert "Checking the gate…" in str(shown["promotion-checks"])
    assert shown["promotion-gate"]["data"] is None


@pytest.mark.parametrize("asked", [None, [], {"kind": "promote"}])
def test_a_gate_of_nothing_is_nothing(browser: Browser, asked: Any) -> None:
    assert browser.gate(asked) == {}


def test_who_acts_is_not_the_browsers_word(browser: Browser, decisions: HandDecisions) -> None:
    decisions.act = done
    asked = {**browser.ask()["promotion-asked"]["data"], "actor": "root", "role": "admin"}
    browser.confirm(asked, REMOTE_ADDR="192.0.2.7")
    ((_kind, given),) = decisions.asked
    assert given["actor"].role is Role.VIEWER


def test_open_pages_ask_without_a_look_whether_anything_is_new(
    browser: Browser, services: Services, store: VersionStore, decisions: HandDecisions
) -> None:
    path = f"/models/{quote(MODEL, safe='')}/pulse"
    shown = browser.look()["promotion-seen"]["data"]
    looks = decisions.looks
    answer = browser.client.get(path, environ_overrides=HERE)
    assert (answer.status_code, answer.get_json()) == (200, {"pulse": shown["pulse"]})
    assert decisions.looks == looks
    store.kept[2] = make_version(3, aliases=("production",))
    later = Browser(create_app(services)).client.get(path, environ_overrides=HERE)
    assert later.get_json()["pulse"] != shown["pulse"]


def test_a_question_about_nothing_and_one_without_a_store_are_answered(
    browser: Browser, store: VersionStore
) -> None:
    answer = browser.client.get("/models/nobody/pulse", environ_overrides=HERE)
    assert answer.status_code == 404
    assert "nobody" in answer.get_json()["problem"]
    store.error = StoreUnreachable(message("Nobody answers."))
    answer = browser.client.get("/models/x/pulse", environ_overrides=HERE)
    assert (answer.status_code, answer.get_json()) == (503, {"problem": "Nobody answers."})
