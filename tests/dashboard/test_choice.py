import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.choice import MOST, PRODUCTION, Choice, chosen, read, settled

numbers = st.integers(1, 10**8)


@given(
    st.builds(
        Choice,
        baseline=numbers | st.just(PRODUCTION),
        versions=st.none() | st.sets(numbers, max_size=MOST).map(lambda found: tuple(sorted(found))),
        threshold=st.floats(0, 1).map(lambda value: value + 0.0),
    )
)
def test_an_address_gives_back_the_very_choice(choice: Choice) -> None:
    query = dict(part.split("=", 1) for part in choice.search.removeprefix("?").split("&"))
    assert read(query) == (choice, [])


def test_an_address_looks_as_promised() -> None:
    choice = Choice(baseline=PRODUCTION, versions=(3, 4), threshold=0.5)
    assert choice.search == "?baseline=production&versions=3,4&threshold=0.5"


def test_an_empty_address_asks_for_nothing_in_particular() -> None:
    assert read({}) == (Choice(), [])


@pytest.mark.parametrize(
    "text", ["", "abc", "-1", "0", "1.5", "\N{FULLWIDTH DIGIT ONE}", "9" * 40, "<script>"]
)
def test_a_baseline_that_is_none_is_named(text: str) -> None:
    choice, problems = read({"baseline": text})
    assert choice.baseline == PRODUCTION
    (problem,) = problems
    assert f"“{text}”" in str(problem)


@pytest.mark.parametrize("text", ["", "abc", "-0.1", "1.01", "nan", "inf", "0,5"])
def test_a_threshold_that_is_none_is_named(text: str) -> None:
    choice, problems = read({"threshold": text})
    assert choice.threshold == 0.5
    (problem,) = problems
    assert f"“{text}”" in str(problem)
    assert str(problem).count(".") >= 1


def test_good_versions_stay_where_others_are_none() -> None:
    choice, problems = read({"versions": "4, v3,x,3,,-2"})
    assert choice.versions == (3, 4)
    assert [str(problem) for problem in problems] == [
        "The address asks for the version “x”, which is no version number.",
        "The address asks for the version “-2”, which is no version number.",
    ]
    assert read({"versions": "x"})[0].versions is None
    assert read({"versions": ""})[0].versions == ()


def test_too_many_versions_are_cut() -> None:
    choice, problems = read({"versions": ",".join(str(number) for number in range(1, MOST + 5))})
    assert choice.versions == tuple(range(1, MOST + 1))
    assert f"At most {MOST} candidates" in str(problems[0])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(json_values, json_values, json_values)
def test_whatever_a_request_holds_is_a_choice(baseline: object, versions: object, threshold: object) -> None:
    choice = chosen(baseline, versions, threshold)
    assert 0 <= choice.threshold <= 1
    assert choice.baseline == PRODUCTION or choice.baseline > 0
    assert choice.versions is None or all(number > 0 for number in choice.versions)


def test_controls_hold_numbers() -> None:
    assert chosen(3, [5, 4, 5, True, "6"], 0.25) == Choice(baseline=3, versions=(4, 5, 6), threshold=0.25)
    assert chosen(PRODUCTION, [], 1) == Choice(versions=(), threshold=1.0)


def test_versions_that_do_not_exist_are_left_out_and_named() -> None:
    choice, problems = settled(Choice(baseline=9, versions=(2, 8)), {1, 2, 3}, {2, 3})
    assert choice == Choice(baseline=PRODUCTION, versions=(2,))
    assert [str(problem) for problem in problems] == [
        "This model has no version 9.",
        "This model has no version 8.",
    ]


def test_where_nobody_chose_or_nothing_is_left_the_default_is_compared() -> None:
    assert settled(Choice(), {1, 2, 3}, {3, 2})[0].versions == (2, 3)
    assert settled(Choice(versions=(8,)), {1, 2, 3}, {3, 2})[0].versions == (2, 3)
    assert settled(Choice(versions=()), {1, 2, 3}, {3, 2})[0].versions == ()


@pytest.mark.parametrize(("mode", "target"), [("recall", 0.8), ("alerts", 0.25), ("cost", 5.0)])
def test_a_mode_and_its_target_are_in_the_address(mode: str, target: float) -> None:
    choice, problems = read({"versions": "3", "mode": mode, "target": repr(target)})
    assert problems == []
    assert (choice.mode, choice.target) == (mode, target)
    assert choice.search == f"?baseline=production&versions=3&mode={mode}&target={target!r}"
    assert choice.tail == f"{mode}/{target!r}"
    assert chosen("production", [3], 0.5, (mode, target)) == choice
    assert read({"versions": "3"})[0].tail == "0.5"


@pytest.mark.parametrize(
    "query",
    [
        {"mode": "recall"},
        {"mode": "recall", "target": "2"},
        {"mode": "speed", "target": "0.5"},
        {"mode": "cost", "target": "0"},
        {"mode": "cost", "target": "nan"},
    ],
)
def test_a_mode_that_makes_no_sense_is_the_same_threshold_and_said(query: dict[str, str]) -> None:
    choice, problems = read(query)
    assert (choice.mode, choice.target) == ("threshold", None)
    assert len(problems) == 1
    assert chosen("production", None, 0.5, (query["mode"], query.get("target"))).target is None
