from dashboard.components.elements import element, moving


def test_attributes_are_named_as_in_html() -> None:
    assert element("td", "text", None, class_="x", aria_hidden="true") == {
        "tag": "td",
        "attributes": {"class": "x", "aria-hidden": "true"},
        "children": ["text"],
    }


def test_what_moves_has_a_key_and_no_text() -> None:
    place = moving("3 recall", "number")
    assert place["attributes"]["data-cell"] == "3 recall"
    assert place["children"] == []
