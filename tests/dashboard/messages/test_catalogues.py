import ast
import string

import pytest

from core.messages import message
from dashboard.messages import LANGUAGES, Reader, _, _n, reader
from dashboard.messages.__main__ import Template, calls, catalogue, templates

FIX = "run: python -m dashboard.messages, then fill in what is empty in ja.po"


def fields(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


def kept(language: str) -> dict[Template, Template]:
    """Translation by template; of a plural, the tuple of its forms."""
    found: dict[Template, Template] = {}
    for entry in catalogue(language):
        if entry.id:
            template = entry.id if isinstance(entry.id, str) else tuple(entry.id)
            found[template] = entry.string if isinstance(entry.string, str) else tuple(entry.string or ())
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_the_code_is_there_and_none_that_is_not(language: str) -> None:
    wanted, found = templates(), kept(language).keys()

    assert sorted(map(str, wanted - found)) == [], FIX
    assert sorted(map(str, found - wanted)) == [], FIX


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_with_the_values_of_its_template(language: str) -> None:
    for template, translation in kept(language).items():
        originals = (template,) if isinstance(template, str) else template
        forms = (translation,) if isinstance(translation, str) else translation
        assert all(forms), f"{template!r} has no translation: {FIX}"
        allowed = set().union(*map(fields, originals))
        for form in forms:
            assert fields(form) <= allowed, template
            assert fields(form) >= set.intersection(*map(fields, originals)), template


def test_japanese_is_japanese() -> None:
    same = {str(template) for template, text in kept("ja").items() if text == template}

    assert same == {"F1", "ROC AUC", "n/a", "{points} pp"}


def test_a_sentence_is_read_in_the_readers_language(japanese: None) -> None:
    assert _("Runs") == "実行"
    assert _(message("Port {port} is in use.", port=8050)) == "ポート 8050 は使用中です。"
    assert _n("{count} run", "{count} runs", 1200) == "1,200 件の実行"


def test_english_counts() -> None:
    assert _n("{count} run", "{count} runs", 1) == "1 run"
    assert _n("{count} run", "{count} runs", 0) == "0 runs"


def test_what_nobody_translated_is_english(japanese: None) -> None:
    assert _("never heard of {it}", it="this") == "never heard of this"


def test_a_value_is_no_template() -> None:
    assert _("Let {name} go", name="{0} {x}") == "Let {0} {x} go"


def test_languages_do_not_leak_between_readers() -> None:
    before = reader.set(Reader("ja"))
    reader.reset(before)

    assert _("Runs") == "Runs"


def test_templates_are_literals() -> None:
    """Only a literal can be collected; what is handed on was a literal elsewhere."""
    for call in calls():
        assert not any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in call.args[:2]), (
            ast.unparse(call)
        )
