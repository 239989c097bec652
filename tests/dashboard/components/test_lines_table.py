"""Lines side by side: what is said in each cell, and which lines are called identical."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from dash import html

from core.errors import StoreUnreachable
from core.evidence.differing import keyed
from core.evidence.differing_lines import UNREAD, Cell, Line, Section, Unit, setting_cell
from core.messages import message
from dashboard.components import lines_table
from dashboard.components.elements import Element, component, element
from dashboard.components.lines_table import MOST_LINES, head
from looks.cells import written


def section(*lines: Line, **facts: Any) -> Section:
    return Section(**{"name": "parameters", "title": message("Parameters"), "lines": lines, **facts})


def table(*sections: Section, columns: int = 2, **how: Any) -> Element:
    heads = [head(element("span"), f"v{number}") for number in range(columns)]
    return lines_table.lines_table(heads, sections, **how)


def walk(part: Element | str) -> Iterator[Element]:
    if not isinstance(part, str):
        yield part
        for child in part["children"]:
            yield from walk(child)


def text(part: Element | str) -> str:
    return part if isinstance(part, str) else "".join(text(child) for child in part["children"])


def rows(shown: Element, name: str) -> list[list[str]]:
    found = [part for part in walk(shown) if part["tag"] == "tr" and part["attributes"].get("class") == name]
    return [[text(cell) for cell in row["children"]] for row in found]


def params(*maps: dict[str, str]) -> Section:
    return section(*keyed(maps, setting_cell))


def test_what_differs_is_told_from_what_does_not() -> None:
    shown = table(params({"depth": "3", "data": "x"}, {"depth": "4", "data": "x", "seed": "1"}))
    assert rows(shown, "differs") == [["depth", "3", "4"], ["seed", "·", "1only here"]]
    assert rows(shown, "same") == [["data", "x", "x"]]
    assert rows(shown, "lines-identical") == []
    assert [row["attributes"].get("tabindex") for row in walk(shown) if row["tag"] == "tr"][2:] == [
        None,
        "-1",
        "-1",
    ]


def test_a_section_in_which_all_agree_says_so() -> None:
    assert rows(table(params({"a": "1"}, {"a": "1.0"})), "lines-identical") == [["identical"]]
    assert rows(table(params({"a": "1"}), columns=1), "lines-identical") == []


def test_notes_and_what_could_not_be_read() -> None:
    cells = (Cell("long", "long"), Cell("double", "double", message("was {type}", type="long")), UNREAD)
    away = StoreUnreachable(message("Nobody answers."))
    shown = table(section(Line(key="age", cells=cells), unread={3: away}), columns=3)
    assert rows(shown, "differs") == [["age", "long", "doublewas long", "?"]]
    assert rows(shown, "lines-told") == [["v3: Nobody answers."]]


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.123456, Unit.NONE, "0.12346"),
        (float("nan"), Unit.NONE, "n/a"),
        (999, Unit.BYTES, "999 B"),
        (1500, Unit.BYTES, "1.5 kB"),
        (2_345_678, Unit.BYTES, "2.3 MB"),
        (0.0213, Unit.SECONDS, "0.02 s"),
        (1.234, Unit.MILLISECONDS, "1.23 ms"),
        (123.46, Unit.MILLISECONDS, "123.5 ms"),
    ],
)
def test_numbers_are_written_with_their_unit(value: float, unit: Unit, said: str) -> None:
    assert written(Cell(value, value), unit) == said


def test_very_many_lines_leave_a_note() -> None:
    many = {f"p{number}": "1" for number in range(MOST_LINES + 5)}
    other = {**many, **{f"q{number}": "1" for number in range(MOST_LINES + 2)}}
    shown = table(params(many, other))
    assert [len(rows(shown, "same")), len(rows(shown, "differs"))] == [MOST_LINES, MOST_LINES]
    assert rows(shown, "lines-told") == [["7 more lines"]]


def test_sections_fold_where_the_page_can_fold_them() -> None:
    shown = table(params({"a": "1", "b": "2"}, {"a": "1", "b": "3"}), foldable=True)
    (button,) = (part for part in walk(shown) if part["tag"] == "button")
    assert text(button) == "Parameters 1 identical line"
    assert button["attributes"]["aria-expanded"] == "true"
    assert not any(part["tag"] == "button" for part in walk(table(params({"a": "1"}, {"a": "2"}))))


def test_elements_become_components_of_dash() -> None:
    made = component(
        element("td", "x", element("b", "y"), class_="c", colspan="2", style="--hue: #fff; color: red")
    )
    assert isinstance(made, html.Td)
    assert [made.className, made.colSpan, made.style] == ["c", "2", {"--hue": "#fff", "color": "red"}]
    children: Sequence[Any] = made.children
    assert children[0] == "x"
    assert isinstance(children[1], html.B)
