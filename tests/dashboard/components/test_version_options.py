import pytest

from core.catalog.store import Version
from dashboard.components.version_options import LIMIT, Listing, baseline_options, candidate_options, matching
from dashboard.components.version_token import words
from dashboard.marks import marks
from dashboard.theme import Scheme
from tests.dashboard.comparing import make_version


@pytest.fixture(scope="module")
def many() -> list[Version]:
    return [make_version(number, description=f"depth {number % 7}") for number in range(10_000, 0, -1)]


def numbers(found: list[Version]) -> list[int]:
    return [version.number for version in found]


def test_without_a_search_the_newest_are_shown_and_those_in_use(many: list[Version]) -> None:
    shown, more = matching(many, "", {7, 3})
    assert numbers(list(shown)) == [7, 3, *range(10_000, 10_000 - LIMIT, -1)]
    assert more == 10_000 - LIMIT - 2


def test_numbers_match_from_their_beginning(many: list[Version]) -> None:
    shown, more = matching(many, " V999 ", set())
    assert numbers(list(shown)) == [999, *range(9_999, 9_989, -1)]
    assert more == 0


def test_words_match_wherever_they_are() -> None:
    versions = [
        make_version(3, description="Gradient BOOSTING"),
        make_version(2, aliases=("champion",)),
        make_version(1, stage="Staging"),
    ]
    assert numbers(list(matching(versions, "boost", set())[0])) == [3]
    assert numbers(list(matching(versions, "champ", set())[0])) == [2]
    assert numbers(list(matching(versions, "staging", {3})[0])) == [3, 1]
    assert matching(versions, "<script>", set()) == ([], 0)


def test_the_dropdown_keeps_what_the_search_found(many: list[Version]) -> None:
    shown, more = matching(many, "depth 3", {2})
    listing = Listing(shown=shown, more=more, search="depth 3")
    options = candidate_options(listing, {}, Scheme.LIGHT, baseline=None)
    assert options[0] == {"label": options[0]["label"], "value": 2, "search": "v2"}  # in use, not found
    assert all("depth 3" in option["search"] for option in options[1:])
    assert options[-1]["disabled"]
    assert len(options) == LIMIT + 2


def test_production_comes_first_among_baselines_and_is_no_candidate_of_itself() -> None:
    versions = [make_version(number) for number in (3, 2, 1)]
    listing = Listing(shown=versions, production=2)
    look = marks([1, 2, 3], 2)
    assert [option["value"] for option in baseline_options(listing, look, Scheme.LIGHT)] == [
        "production",
        3,
        1,
    ]
    assert [option["value"] for option in candidate_options(listing, look, Scheme.LIGHT, baseline=2)] == [
        3,
        1,
    ]


def test_the_version_of_the_number_that_was_typed_comes_first() -> None:
    versions = [make_version(number) for number in (21, 12, 2, 1)]
    listing = Listing(shown=versions, search=" V1 ", production=21)
    look = marks([1, 2, 12, 21], 21)
    made = baseline_options(listing, look, Scheme.LIGHT)
    assert [option["value"] for option in made] == [1, "production", 12, 2]
    candidates = candidate_options(listing, look, Scheme.LIGHT, baseline=21)
    assert [option["value"] for option in candidates] == [1, 12, 2]
    assert baseline_options(Listing(shown=versions, search="v21", production=21), look, Scheme.LIGHT)[0][
        "value"
    ] == ("production")


def test_without_production_the_baseline_says_so() -> None:
    first = baseline_options(Listing(shown=[make_version(1)]), {}, Scheme.LIGHT)[0]
    assert first["label"] == "Production: no version"


def test_a_version_is_described_by_its_first_line_or_its_run() -> None:
    assert words(make_version(1, description=" first\nsecond "), "run") == "first"
    assert words(make_version(1, description=" \n"), "run <b>") == "run <b>"
    assert words(make_version(1)) == ""


def test_numbers_that_match_come_before_words_that_do(many: list[Version]) -> None:
    versions = [make_version(number, description="5 trees") for number in (99, 51, 50, 5, 4)]
    shown, more = matching(versions, "5", {4})
    assert (numbers(list(shown)), more) == ([4, 5, 51, 50, 99], 0)
    shown, more = matching(many, "1", set())
    assert numbers(list(shown))[0] == 1
    assert more > 1_000
