r"""The fingerprint of a test split: SHA-256 over names, types, every value, target and positive label.

The same data give the same fingerprint from CSV and from Parquet and on every machine. So a value is taken
for what it says, not for how it is stored:

- *number*: integers, floats and decimals of every width are one type, since 1 turns into 1.0 as soon as a
  value is missing. -0.0 is 0.0. A float32 or float16 stands for the shortest decimal that gives it, which
  is what a CSV holds.
- *truth*: booleans, also those of a column of objects in which some are missing.
- *text*: strings, categories by their value; dates and times as pandas writes them into a CSV.
- *bytes*, and *other*: nested and mixed values, as Python writes them, with their type.
- *nothing*: a column without any value has no type, because a CSV of it has none.

NaN, NaT, None and NA are missing; an empty text is a text.

The layout, version 1. Numbers are little-endian, `text` is its length in UTF-8 as u64 and then its bytes::

    split   = "runoff-split-1\0" rows:u64 columns:u64 (text(name) SHA-256(column))*
              text(target) SHA-256(column(positive))
    column  = kind:1 byte  missing:one bit a row, the lowest first, padded with 0 to whole bytes  values
    n       = rows x f64 (missing 0.0), then what of the values an f64 cannot hold:
              00 nothing; 01 integers, rows x u64, modulo 2**64; 02 decimals, like t
    b       = rows x u8, 0 or 1 (missing 0)
    t, x, o = rows x u64 lengths in bytes (missing 0), then the bytes of all values one after the other
    -       = no values

Names and lengths stand before what they describe, so no value can pass for a part of its neighbour.
"""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from core.evidence.column_bytes import encoded, length
from core.split_settings import Label

_MAGIC = b"runoff-split-1\0"


def fingerprint(frame: pd.DataFrame, target: str, positive: Label) -> str:
    """The fingerprint of these rows in this order; the index does not count.

    Args:
        frame: columns of any dtype that pandas reads from CSV or Parquet.
        target: the name of the target column.
        positive: the label that counts as positive.

    Returns:
        "sha256:" and 64 hexadecimal digits.
    """
    columns = [frame.iloc[:, position] for position in range(frame.shape[1])]
    digest = hashlib.sha256(_MAGIC + length(len(frame)) + length(len(columns)))
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # numpy, Arrow and hashlib let go of the lock
        for name, column in zip(frame.columns, threads.map(_digest, columns), strict=True):
            digest.update(_text(str(name)) + column)
    digest.update(_text(target) + _digest(pd.Series([positive])))
    return f"sha256:{digest.hexdigest()}"


def _text(text: str) -> bytes:
    content = text.encode("utf-8", "surrogatepass")
    return length(len(content)) + content


def _digest(column: pd.Series) -> bytes:
    kind, missing, values = encoded(column)
    digest = hashlib.sha256(kind)
    digest.update(np.packbits(missing, bitorder="little").data)
    for part in values:
        digest.update(part)
    return digest.digest()
