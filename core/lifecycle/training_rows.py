"""The rows that a model's test split leaves over for training."""

from dataclasses import replace

import numpy as np

from core.errors import SplitError
from core.evidence.fingerprint import fingerprint
from core.evidence.split_files import read_table
from core.evidence.split_remote import Limits
from core.evidence.split_rows import rows_of
from core.evidence.split_source import fetched
from core.lifecycle.training import TrainingRows
from core.messages import message
from core.split_settings import SplitSettings


def load_training_rows(name: str, split: SplitSettings) -> TrainingRows:
    """The rows of `split`, mapped and without missing values as there, that its holdout does not keep.

    Raises:
        SplitError: the data cannot be read, fail a check, or are all kept for the test.
    """
    with fetched(split, Limits()) as files:
        table = read_table(files, split.shown_as)
    everything = rows_of(table, replace(split, holdout=None))
    tested = rows_of(table, split)
    frame = everything.frame.loc[~np.isin(everything.numbers, tested.numbers)]
    if frame.empty:
        title = message("{source} leaves no row for training.", source=split.shown_as)
        raise SplitError(title, message("Name a holdout: below its split."))
    return TrainingRows(
        name=name,
        source=split.data,
        frame=frame,
        target=split.target,
        positive=everything.positive,
        version=fingerprint(frame, split.target, everything.positive),
    )
