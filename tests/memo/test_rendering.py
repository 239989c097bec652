import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from markdown_it import MarkdownIt

from core.evidence.comparison import ScoringState, Status
from core.evidence.metrics import METRIC
from core.evidence.report import as_json
from dashboard.choice import read as read_choice
from looks.language import reading
from memo.composition import command_line, compose, file_name, view_address
from memo.memo import Memo
from memo.rendering import render
from tests.dashboard.comparing import make_split
from tests.memo.conftest import HOSTILE, hostile_split
from tests.memo.reading import read

HEADINGS = {
    "en": [
        "Versions", "Verdicts", "What the split can show", "Gate", "Metrics", "Curves", "Confusion", "Slices",
        "Changed decisions", "What differs", "How to see this again",
    ],
    "ja": [
        "バージョン", "判定", "このテストデータで見分けられる差", "ゲート", "メトリクス", "曲線", "混同行列", "スライス",
        "判定の変化", "相違点", "もう一度見るには",
    ],
}  # fmt: skip
LOADS = {
    "script",
    "link",
    "img",
    "iframe",
    "object",
    "embed",
    "image",
    "use",
    "audio",
    "video",
    "base",
    "form",
}


def written(memo: Memo, form: str, language: str = "en") -> str:
    with reading(language):
        return render(compose(memo, form=form), form)


@pytest.mark.parametrize("language", HEADINGS)
def test_both_forms_have_the_sections_of_the_page_in_both_languages(found: Memo, language: str) -> None:
    html = read(written(found, "html", language))
    markdown = written(found, "markdown", language)

    assert html.inside("h2") == HEADINGS[language]
    assert re.findall(r"^## (.*)$", markdown, re.MULTILINE) == HEADINGS[language]
    assert ("html", "lang", language) in html.attributes


@pytest.mark.parametrize("language", HEADINGS)
def test_the_html_loads_nothing_and_runs_nothing(found: Memo, language: str) -> None:
    text = written(found, "html", language)
    html = read(text)

    assert not LOADS & set(html.tags)
    assert not [name for _tag, name, _value in html.attributes if name.startswith("on")]
    assert not [name for _tag, name, _v in html.attributes if name in {"src", "href", "xlink:href", "srcset"}]
    (style,) = html.inside("style")
    assert "url(" not in style
    assert "@import" not in style
    assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'") in html.attributes


def test_hostile_names_are_read_as_they_are(found: Memo) -> None:
    html = read(written(found, "html"))
    shown = " ".join(HOSTILE.split())

    assert html.inside("h1") == [f"Decision memo: {shown}"]
    assert shown in html.inside("dd")
    assert f"failed: It fails: {shown} Look at {shown}." in html.inside("span")
    assert f"{shown} = {shown}" in html.inside("span")


def test_markdown_is_read_as_markdown_with_nothing_of_the_names_as_markup(found: Memo) -> None:
    text = written(found, "markdown")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in (*tokens, *inline)}
    shown = " ".join(HOSTILE.split())

    assert not {"image", "link_open", "html_block", "code_inline", "fence"} & kinds
    assert {child.content for child in inline if child.type == "html_inline"} == {"<br>"}
    assert tokens[1].content
    assert "".join(child.content for child in tokens[1].children or ()) == f"Decision memo: {shown}"
    assert sum(token.type == "heading_open" for token in tokens) == 1 + len(HEADINGS["en"])


def test_each_row_of_a_markdown_table_has_as_many_cells_as_its_head(found: Memo) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(written(found, "markdown"))
    counts: list[list[int]] = []
    for token in tokens:
        if token.type == "table_open":
            counts.append([])
        elif token.type == "tr_open":
            counts[-1].append(0)
        elif token.type in {"th_open", "td_open"}:
            counts[-1][-1] += 1

    assert len(counts) > 6
    assert all(len(set(rows)) == 1 and len(rows) > 1 for rows in counts)
    assert "|---" not in re.sub(r"[ :]", "", "".join(t.content for t in tokens if t.type == "inline"))


def test_the_numbers_are_those_of_the_json(found: Memo) -> None:
    exact = {
        float(value)
        for tag, name, value in read(written(found, "html")).attributes
        if (tag, name) == ("data", "value")
    }
    versions = as_json(found.comparison, found.judgement)["versions"]
    assert isinstance(versions, list)
    scored = [one for one in versions if one["status"] == "scored"]

    assert len(scored) == 3
    for one in scored:
        for name, metric in one["metrics"].items():
            if metric["value"] is not None:
                assert metric["value"] in exact, name
            if metric["difference"] and metric["difference"]["value"] is not None:
                assert metric["difference"]["value"] in exact, name
        assert exact >= set(map(float, one["confusion"].values()))
        if "flips" in one:
            assert exact >= {one["flips"]["fixed"], one["flips"]["broken"]}


def test_verdicts_and_what_the_split_can_show_are_the_sentences_of_the_json(found: Memo) -> None:
    texts = [text for _tag, text in read(written(found, "html")).texts]
    told = as_json(found.comparison, found.judgement)
    assert isinstance(told["versions"], list)
    assert isinstance(told["detectable"], dict)
    sentences = [one["verdict"]["sentence"] for one in told["versions"] if "verdict" in one]

    assert len(sentences) == 2
    assert set(sentences) <= set(texts)
    assert f"{told['detectable']['sentence']}." in texts


def test_the_primary_metric_comes_first_and_the_baseline_is_in_every_table(make: Callable[..., Memo]) -> None:
    markdown = written(make(range(1, 9)), "markdown")
    tables = re.findall(r"^\| metric \|(.*)\|\n.*\n\| (.*?) \|", markdown, re.MULTILINE)

    assert len(tables) == 3
    assert all(
        "v1<br>baseline" in head and primary == METRIC["roc_auc"].title.template for head, primary in tables
    )


def test_what_there_is_no_data_for_says_so(make: Callable[..., Memo]) -> None:

    waiting = {number: ScoringState(status=Status.WAITING) for number in (1, 2)}
    bare = written(make(range(1, 3), split=make_split(), states=waiting), "markdown")
    alone = written(make(range(1, 2), baseline=None, split=make_split()), "markdown")

    assert bare.count("No version is scored yet.") == 3
    assert "Choose a baseline and a candidate to see slices." in bare
    assert "No candidate is paired with a baseline." in bare
    assert "No version of this model is in Production" in alone
    assert "There is one version alone." in alone


def test_slices_that_are_not_configured(make: Callable[..., Memo]) -> None:

    text = written(make(range(1, 3), split=make_split()), "markdown")
    assert "No columns are configured by which rows are put into slices." in text


def test_ten_versions_of_many_rows_stay_small(make: Callable[..., Memo]) -> None:

    memo = make(range(1, 11), split=hostile_split(20_000))
    assert len(written(memo, "html", "ja").encode()) < 300_000


def test_the_way_back_to_the_page_and_the_command(found: Memo) -> None:

    address = urlsplit(view_address(found.comparison))
    choice, problems = read_choice(dict(parse_qsl(address.query)))
    words = shlex.split(command_line(found.comparison, "markdown"))

    assert unquote(address.path) == f"/models/{HOSTILE}"
    assert not problems
    assert (choice.baseline, choice.versions, choice.threshold) == (1, (2, 3, 4), 0.5)
    assert words[:3] == ["python", "app.py", "compare"]
    assert HOSTILE in words


@pytest.mark.parametrize("model", [HOSTILE, "../../etc/passwd", "与信", "-x", "a" * 500, 'x"; y', "a\r\nb"])
def test_file_names_are_safe(model: str) -> None:
    assert re.fullmatch(r"memo-[a-z0-9][a-z0-9-]{0,60}\.md", file_name(model, "markdown"))


def test_versions_with_thresholds_of_their_own_say_so(found: Memo) -> None:
    own = replace(found, comparison=found.comparison.at({2: 0.25}))
    text = written(own, "markdown")

    assert "- **Threshold**: v1 0.5 · v2 0.25 · v3 0.5 · v4 0.5" in text
    assert "python app.py" not in text
