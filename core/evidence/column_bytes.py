"""One column of a table as bytes that depend on its values alone: what the fingerprint hashes."""

from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_EXACT_INTEGER = 2**53  # every integer below is a float64 of its own
_EXACT_FLOAT32 = 2**24  # every integer below is a float32, and its shortest decimal is itself
_EXACT_DIGITS = 15  # every decimal of so many digits survives float64 and back

Bits = NDArray[np.bool_]
Parts = Sequence[bytes | memoryview]
Encoded = tuple[bytes, Bits, Parts]  # kind, missing rows, values


def encoded(series: pd.Series) -> Encoded:
    """Kind, missing rows and values of one column, laid out as core/evidence/fingerprint.py tells."""
    kind, missing, values = _encoded(series)
    return (b"-", missing, ()) if missing.all() else (kind, missing, values)


def length(number: int) -> bytes:
    """A length as u64."""
    return number.to_bytes(8, "little")


def _encoded(series: pd.Series) -> Encoded:
    """By the dtype or, where that says too little, by what the values are."""
    missing = series.isna().to_numpy(dtype=bool)
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iuf":
        return _numbers(series.to_numpy(), missing)
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        return b"t", missing, _parts(_times_of_a_zone(series))
    array = _arrow(series)
    kind = array.type
    if pa.types.is_boolean(kind):
        truths = array.cast(pa.uint8()).fill_null(0)
        return b"b", missing, (truths.to_numpy().data,)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _numbers(array.fill_null(0).to_numpy(), missing)
    if pa.types.is_decimal(kind):
        return _decimals(series, missing)
    return _text(series, array, missing)


def _text(series: pd.Series, array: pa.Array, missing: Bits) -> Encoded:
    """What has a length of its own in every row."""
    kind = array.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return b"t", missing, _parts(array)
    if pa.types.is_timestamp(kind):
        return b"t", missing, _parts(_times(array))
    if pa.types.is_temporal(kind):
        return b"t", missing, _written(series, missing, str)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return b"x", missing, _parts(array)
    return b"o", missing, _written(series, missing, _with_type)


def _arrow(series: pd.Series) -> pa.Array:
    """The column as one Arrow array, of nulls where its values have no common type."""
    try:
        array = pa.array(series, from_pandas=True)
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return pa.nulls(len(series))
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _numbers(values: NDArray[np.number], missing: Bits) -> Encoded:
    if values.dtype.kind in "iu":
        return _integers(values, missing)
    if values.dtype.itemsize < np.dtype(np.float64).itemsize:
        values = _shortest(values)
    missing = missing | np.isnan(values)
    clean = values.astype("<f8", copy=False) + 0.0  # a copy, in which -0.0 is 0.0
    clean[missing] = 0.0
    return b"n", missing, (clean.data, b"\0")


def _shortest(values: NDArray[np.number]) -> NDArray[np.float64]:
    """The shortest decimals that give these narrow floats back, as float64."""
    if values.dtype.itemsize == np.dtype(np.float16).itemsize:
        distinct, rows = np.unique(values, return_inverse=True)  # 65,536 at most
        return np.array([float(str(value)) for value in distinct], dtype=np.float64)[rows]
    whole = values.astype(np.float64)
    if np.all((whole == np.rint(whole)) & (np.abs(whole) < _EXACT_FLOAT32)):
        return whole
    decimals = pa.array(values, from_pandas=True).cast(pa.large_string()).cast(pa.float64())
    return np.asarray(decimals.to_numpy(zero_copy_only=False), dtype=np.float64)


def _integers(values: NDArray[np.number], missing: Bits) -> Encoded:
    floats = values.astype("<f8")
    if np.abs(floats).max(initial=0) < _EXACT_INTEGER:
        return b"n", missing, (floats.data, b"\0")
    signed = values.dtype.kind == "i"
    inside = floats < (2.0**63 if signed else 2.0**64)  # beyond, the way back overflows
    if np.all(inside & (np.where(inside, floats, 0).astype(values.dtype) == values)):
        return b"n", missing, (floats.data, b"\0")
    return b"n", missing, (floats.data, b"\1", values.astype("<i8" if signed else "<u8").data)


def _decimals(series: pd.Series, missing: Bits) -> Encoded:
    cells = [Decimal(0) if gone else value for value, gone in zip(series, missing, strict=True)]
    floats = np.array([float(cell) for cell in cells], dtype="<f8") + 0.0
    exact = [_normal(cell) for cell in cells]
    if all(len(digits) <= _EXACT_DIGITS for _, digits, _ in exact):
        return b"n", missing, (floats.data, b"\0")
    text = [f"{sign}{digits}e{power}" for sign, digits, power in exact]
    return b"n", missing, (floats.data, b"\2", *_parts(pa.array(text, pa.large_string())))


def _normal(value: Decimal) -> tuple[str, str, int]:
    """Sign, digits without zeros at the end, power of ten: the same for 1.10 and 1.1."""
    sign, digits, exponent = value.as_tuple()
    written = "".join(map(str, digits))
    kept = written.rstrip("0")
    return ("-" if sign else "", kept, int(exponent) + len(written) - len(kept)) if kept else ("", "", 0)


def _times(array: pa.Array) -> pa.Array:
    """Text as pandas writes the column: days alone, or with 0, 3, 6 or 9 digits of a second."""
    return _times_of_a_zone(array.to_pandas()) if array.type.tz else _shortest_times(array, days=True)


def _times_of_a_zone(times: pd.Series) -> pa.Array:
    """Local time with its distance from UTC."""
    local = times.dt.tz_localize(None)
    minutes = (local - times.dt.tz_convert(None)) // pd.Timedelta(minutes=1)
    text = _shortest_times(pa.array(local, from_pandas=True), days=False)
    offsets = pa.array(minutes.map(_offset, na_action="ignore"), pa.large_string(), from_pandas=True)
    return pc.binary_join_element_wise(text, offsets, pa.scalar("", pa.large_string()))


def _offset(minutes: float) -> str:
    hours, rest = divmod(abs(int(minutes)), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def _shortest_times(local: pa.Array, *, days: bool) -> pa.Array:
    """Text in the coarsest unit that loses nothing."""
    dates = local.cast(pa.date32())
    if days and dates.cast(local.type).equals(local):
        return dates.cast(pa.large_string())
    for unit in ("s", "ms", "us"):
        try:
            return local.cast(pa.timestamp(unit)).cast(pa.large_string())
        except pa.ArrowInvalid:  # it would lose digits
            continue
    return local.cast(pa.large_string())


def _written(series: pd.Series, missing: Bits, write: Callable[[object], str]) -> Parts:
    """Each value as text: slow, for what is rare in a table."""
    cells = ["" if gone else write(value) for value, gone in zip(series, missing, strict=True)]
    content = [cell.encode("utf-8", "surrogatepass") for cell in cells]
    return _parts(pa.array(content, pa.large_binary()))


def _with_type(value: object) -> str:
    plain = _plain(value)
    return f"{type(plain).__name__} {plain!r}"


def _plain(value: object) -> object:
    """Numpy's containers and numbers as Python's, whose repr cuts and rounds nothing."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _parts(array: pa.Array) -> Parts:
    """Lengths, and the bytes of all values one after the other; nothing for a missing one."""
    binary = array.cast(pa.large_binary()).fill_null(b"")
    _, offsets, content = binary.buffers()
    ends = np.frombuffer(offsets, np.int64)[binary.offset : binary.offset + len(binary) + 1]
    whole = memoryview(content)[ends[0] : ends[-1]] if content else b""
    return np.diff(ends).astype("<u8").data, whole
