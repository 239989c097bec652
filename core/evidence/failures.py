"""Why a version could not be scored: codes that cross the process boundary, and their sentences.

A child process is not believed: it names a code of this table and gives short texts, never a template.
"""

from collections.abc import Mapping
from typing import NamedTuple

from core.errors import NO_HINT, ScoringError
from core.messages import Message, message

MAX_TEXT = 500  # characters of a text that a model brings along


class Unscorable(Exception):  # noqa: N818 - says what is the case, as the tree in core.errors does
    """A version cannot be scored; `code` is one of `CODES`, `facts` fill its sentence."""

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = {name: str(value)[:MAX_TEXT] for name, value in values.items()}


class Sentence(NamedTuple):
    """Title and hint of a code, and the names of the values that fill them."""

    title: Message
    hint: Message = NO_HINT
    names: tuple[str, ...] = ()


_OWN_ENVIRONMENT = message(
    "Load it where it was trained, with the libraries of its requirements.txt, to see more."
)
_LOG_PROBABILITIES = message(
    'Log a model that gives the probability of the positive label: pyfunc_predict_fn="predict_proba".'
)
_SCORE_AGAIN = message(
    "Score it again; if it happens once more, the model needs more than one version may take."
)

CODES: Mapping[str, Sentence] = {
    # while it ran
    "prepare_raised": Sentence(
        message("The process for the model could not be prepared: {error}: {text}"),
        message("This is a fault of this machine or of Runoff, not of the model."),
        ("error", "text"),
    ),
    "load_raised": Sentence(
        message("The model raised {error} while it was loaded: {text}"), _OWN_ENVIRONMENT, ("error", "text")
    ),
    "predict_raised": Sentence(
        message("The model raised {error} while it scored the split: {text}"),
        _OWN_ENVIRONMENT,
        ("error", "text"),
    ),
    "denied": Sentence(
        message("The model was denied something: {text}"),
        message("While it is scored, a model may read its own files and the installed libraries, no more."),
        ("text",),
    ),
    "missing_module": Sentence(
        message("The model needs the library {module}, which is not installed here."),
        message("Install {requirement} where Runoff runs, then start Runoff again."),
        ("module", "requirement"),
    ),
    "missing_own_module": Sentence(
        message("The model needs the Python module {module}, which is not installed here."),
        message("Log the model with its own code (code_paths), or install what holds that module."),
        ("module",),
    ),
    "out_of_memory": Sentence(
        message("The model ran out of memory; it may take {limit}."), _SCORE_AGAIN, ("limit",)
    ),
    "exited": Sentence(
        message("The model ended its process (status {status}) instead of giving scores."),
        _OWN_ENVIRONMENT,
        ("status",),
    ),
    "crashed": Sentence(message("The model crashed its process ({signal})."), _OWN_ENVIRONMENT, ("signal",)),
    "killed": Sentence(
        message("The system ended the model's process; probably this machine ran short of memory."),
        message("Score it again when less is going on, or on a machine with more memory."),
    ),
    # stopped
    "wall": Sentence(
        message("The model took longer than {seconds} s and was stopped."), _SCORE_AGAIN, ("seconds",)
    ),
    "cpu": Sentence(
        message("The model used more than {seconds} s of processor time and was stopped."),
        _SCORE_AGAIN,
        ("seconds",),
    ),
    "memory": Sentence(
        message("The model took more than {limit} of memory and was stopped."), _SCORE_AGAIN, ("limit",)
    ),
    "processes": Sentence(
        message("The model started more than {count} processes and was stopped."),
        message("Log a model that scores in one process."),
        ("count",),
    ),
    "disk": Sentence(
        message("The model wrote more than {limit} to disk and was stopped."),
        message("Log a model that only returns its scores."),
        ("limit",),
    ),
    "lost": Sentence(
        message("The process that scores versions ended twice while it scored this one."),
        message("Its log may tell more; score the version again."),
    ),
    # what came back
    "no_scores": Sentence(
        message("The model is a {type}: it has neither predict_proba nor decision_function."),
        message("Log a classifier."),
        ("type",),
    ),
    "labels": Sentence(
        message(
            "The model knows the labels {classes}, and the split's positive label {positive} is none of them."
        ),
        message("Bring the split's labels to those of training with `map:` and `positive:` in its settings."),
        ("classes", "positive"),
    ),
    "hard_labels": Sentence(
        message("The model's predict gives class labels, not probabilities."), _LOG_PROBABILITIES
    ),
    "not_numbers": Sentence(
        message("The model returned {type} where numbers are expected."), _LOG_PROBABILITIES, ("type",)
    ),
    "shape": Sentence(
        message("The model returned an output of shape {shape}: no score of the positive label follows."),
        _LOG_PROBABILITIES,
        ("shape",),
    ),
    "unclear": Sentence(
        message(
            "The model returned several numbers a row, none of them named by the positive label {positive}."
        ),
        message("Let it return one probability a row, or name its columns by the labels."),
        ("positive",),
    ),
    "length": Sentence(
        message("The model returned {count} scores for {rows} rows."),
        message("Log a model that gives one score for each row."),
        ("count", "rows"),
    ),
    "not_finite": Sentence(
        message("The model returned {count} scores that are no finite numbers (NaN or infinite)."),
        message(
            "Look at rows with missing values; `drop_missing: true` in the split's settings leaves them out."
        ),
        ("count",),
    ),
    "range": Sentence(
        message("The model returned scores from {low} to {high}; probabilities lie between 0 and 1."),
        _LOG_PROBABILITIES,
        ("low", "high"),
    ),
    "changed_files": Sentence(
        message("The model changed its own files while it was scored."),
        message("Log a model that leaves its files as they are."),
    ),
    "garbled": Sentence(message("The model's process left a result that cannot be read."), _OWN_ENVIRONMENT),
}


def scoring_error(code: str, values: Mapping[str, object]) -> ScoringError:
    """The error for a code; values that the sentence does not name are dropped, missing ones are "?"."""
    sentence = CODES[code]
    filled = {name: str(values.get(name, "?"))[:MAX_TEXT] for name in sentence.names}
    return ScoringError(Message(sentence.title.template, filled), Message(sentence.hint.template, filled))


def trouble_of_files(error: OSError) -> ScoringError:
    """The error where this machine could not write or read what Runoff keeps."""
    return ScoringError(
        message("Runoff could not write or read its own files: {why}", why=error.strerror or str(error)),
        message("Make room or permit access in its data directory."),
    )
