"""How a cell of what differs between versions is written."""

from typing import Final

from core.evidence.differing_lines import Cell, Unit
from core.messages import Message
from looks.language import _
from looks.numbers import decimal, integer, significant

_KILO: Final = 1000


def written(cell: Cell, unit: Unit = Unit.NONE) -> str:
    """What a cell says; empty where there is nothing."""
    match cell.value:
        case Message():
            return _(cell.value)
        case int() | float():
            return _number(cell.value, unit)
    return cell.value or ""


def _number(value: float, unit: Unit) -> str:
    match unit:
        case Unit.BYTES if value < _KILO:
            return _("{count} B", count=integer(int(value)))
        case Unit.BYTES if value < _KILO**2:
            return _("{size} kB", size=decimal(value / _KILO, 1))
        case Unit.BYTES:
            return _("{size} MB", size=decimal(value / _KILO**2, 1))
        case Unit.SECONDS:
            return _("{seconds} s", seconds=decimal(value, 2))
        case Unit.MILLISECONDS:
            return _("{time} ms", time=decimal(value, 2 if value < 10 else 1))  # noqa: PLR2004 - three digits
    return significant(value)
