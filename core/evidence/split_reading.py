"""A split, read from its data: what `Splits` calls when it has none, or an old one."""

from collections.abc import Mapping

from core.errors import SplitError
from core.evidence import split_source
from core.evidence.fingerprint import fingerprint
from core.evidence.split import Split
from core.evidence.split_files import read_table
from core.evidence.split_remote import Limits, Stamp
from core.evidence.split_rows import rows_of
from core.split_settings import SplitSettings


def stamp(split: SplitSettings, limits: Limits | None) -> Stamp | None:
    """What is another where the data are others; None where a server does not tell.

    Raises:
        SplitError: nothing is there, or nobody answers.
    """
    return split_source.stamp(split, limits or Limits())


def read(split: SplitSettings, limits: Limits | None) -> Split | SplitError:
    """The split, or what was found wrong in its data.

    Raises:
        SplitError: the data cannot be fetched.
    """
    with split_source.fetched(split, limits or Limits()) as files:
        try:
            rows = rows_of(read_table(files, split.shown_as), split)
        except SplitError as error:
            return error
    return Split(
        fingerprint=fingerprint(rows.frame, split.target, rows.positive),
        source=split.shown_as,
        frame=rows.frame,
        labels=rows.labels,
        target=split.target,
        positive=rows.positive,
        negative=rows.negative,
        features=split.features,
        id=split.id,
        slices=split.slices,
        raw_values=_raw_values(split),
        row_numbers=rows.numbers,
        total_rows=rows.total,
        dropped_rows=rows.dropped,
    )


def _raw_values(split: SplitSettings) -> Mapping[str, Mapping[object, str]]:
    """What stood in the data in place of each value that `map` put there, by column."""
    found: dict[str, dict[object, str]] = {}
    for column, values in split.map.items():
        names = found.setdefault(column, {})
        for raw, value in values.items():
            names[value] = f"{names[value]}, {raw}" if value in names else str(raw)
    return found
