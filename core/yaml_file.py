"""YAML as version 1.2 reads it, with a clear sentence for a file that cannot be read.

`no`, `on` and `2024-01-01` are text, so that labels and column names mean what they say; only true and
false are booleans, and `1e-3` is a number. A key that stands twice is an error:
nobody sees which one counts.
"""

import math
import re
from collections.abc import Hashable
from pathlib import Path

import yaml

from core.errors import SettingsError
from core.messages import message
from core.quoting import quoted

# Plain words that one YAML reader or another does not take for text.
_NO_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the scalars of YAML 1.2's core schema."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own way to say it


def _integer(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node)
    base = {"0x": 16, "0o": 8}.get(text[:2], 10)
    return int(text[2:] if base != 10 else text, base)  # noqa: PLR2004 - ten is ten


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), _first)
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)


def read_yaml(path: Path, file: str) -> object:
    """The value that a file holds, None where it is empty. `file` names it in messages."""
    try:
        loader = _Loader(path.read_text(encoding="utf-8-sig"))
        node = loader.get_single_node()
        if node is None:
            return None
        _refuse_doubles(node, "", file, set())
        return loader.construct_document(node)
    except FileNotFoundError:
        title = message("The configuration file {file} does not exist.", file=file)
        raise SettingsError(title, message("Check the path given with --config or RUNOFF_CONFIG.")) from None
    except OSError as error:
        title = message("{file} cannot be read: {reason}.", file=file, reason=error.strerror)
        raise SettingsError(title) from error
    except UnicodeDecodeError as error:
        raise SettingsError(message("{file} is not UTF-8 text.", file=file)) from error
    except yaml.MarkedYAMLError as error:
        # The parser's own text would quote the line, passwords and all.
        mark = error.problem_mark
        line = mark.line + 1 if mark else 1
        reason = ", ".join(part for part in (error.context, error.problem) if part)
        title = message("{file}, line {line}: {reason}.", file=file, line=line, reason=reason)
        raise SettingsError(title, message("The file must be YAML.")) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise SettingsError(message("{file} is not YAML.", file=file)) from None


def _refuse_doubles(node: yaml.Node, place: str, file: str, seen: set[int]) -> None:
    """Walk every mapping once, whatever the aliases, and raise for a key that stands twice."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            _refuse_doubles(item, f"{place}[{position}]", file, seen)
    if isinstance(node, yaml.MappingNode):
        keys = set()
        for key, value in node.value:
            inside = below(place, key.value if isinstance(key, yaml.ScalarNode) else "?")
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in keys:
                    line = key.start_mark.line + 1
                    title = message(
                        "{file}, line {line}: {place} stands twice.", file=file, line=line, place=inside
                    )
                    raise SettingsError(title, message("Keep one of the two, or merge them."))
                keys.add((key.tag, key.value))
            _refuse_doubles(value, inside, file, seen)


def below(place: str, key: Hashable) -> str:
    """The place of a key: models.titanic-survival, or models."a.b" where the name could be mistaken."""
    step = key if isinstance(key, str) and re.fullmatch(r"[\w-]+", key) else quoted(key)
    return f"{place}.{step}" if place else step


def scalar(text: str) -> str:
    """Text as it may stand anywhere in a YAML file, in quotes unless it is a plain word."""
    if re.fullmatch(r"[^\W\d][\w-]*", text) and text.casefold() not in _NO_TEXT:
        return text
    return yaml.safe_dump(text, default_style='"', allow_unicode=True, width=math.inf).rstrip("\n")
