"""What can go wrong, each with a title and a hint for a person.

RunoffError                     exit status 3
├── UsageError                  2: a request that makes no sense
│   ├── SettingsError           the configuration is wrong
│   └── FilterError             a run filter that cannot be understood
├── StoreError                  the MLflow store
│   ├── StoreUnreachable        nobody answers, or not in time
│   ├── StoreRefused            it asks for credentials, or says no
│   ├── StoreMismatch           its schema or its version is not the client's
│   ├── NotFound                no such model, version, run or experiment
│   └── WriteUnanswered         a change may or may not have been made
├── EvidenceError
│   ├── SplitError              the test split cannot be used
│   │   └── SplitNotConfigured  a model for which nobody named one
│   └── ScoringError            one version cannot be scored
│       └── ArtifactError       its files cannot be fetched, or must not be
├── LedgerError                 what is decided cannot be recorded or read: nothing moves
└── DecisionError               1: the rules say no
    ├── NotPermitted            the actor's role does not grant it
    ├── ProductionMoved         Production is not what the actor saw
    ├── MoveUnderWay            another move of the same model has not ended
    ├── GateRefused             the promotion policy keeps the version from Production
    ├── GateChanged             the gate is not, or no longer, what the actor saw
    ├── RepeatedKey             the same request has been recorded before: its answer counts
    └── VersionUnfit            the version is not what may go to Production
"""

from core.messages import Message, Translate

NO_HINT = Message("")


class RunoffError(Exception):
    """A failure that is expected to happen: its title says what, its hint says what to do."""

    exit_status = 3

    def __init__(self, title: Message, hint: Message = NO_HINT) -> None:
        super().__init__(title, hint)
        self.title = title
        self.hint = hint

    def __str__(self) -> str:
        """Title and hint in English."""
        return self.read(lambda template: template)

    def read(self, translate: Translate) -> str:
        """Title and hint as one line in the reader's language."""
        parts = (self.title.read(translate), self.hint.read(translate) if self.hint.template else "")
        return " ".join(part for part in parts if part)


class UsageError(RunoffError):
    """A request that makes no sense as it stands."""

    exit_status = 2


class SettingsError(UsageError):
    """A configuration that cannot be used; raised before anything starts."""


class FilterError(UsageError):
    """A run filter that cannot be understood.

    Where it is known, the mistake stands at `start` to `end` in the text, counted in characters from 0;
    the two are equal where something is missing.
    """

    def __init__(
        self, title: Message, hint: Message = NO_HINT, *, start: int | None = None, end: int | None = None
    ) -> None:
        super().__init__(title, hint)
        self.start = start
        self.end = end


class StoreError(RunoffError):
    """The MLflow store did not give what was asked for."""


class StoreUnreachable(StoreError):
    """Nobody answers at the store's address, or not within the time limit."""


class StoreRefused(StoreError):
    """The store asks for credentials, or does not permit this."""


class StoreMismatch(StoreError):
    """The store's schema or version does not fit this MLflow client."""


class NotFound(StoreError):
    """The store has no such model, version, run or experiment."""


class WriteUnanswered(StoreError):
    """The store gave no answer to a change: it may or may not have been made."""


class EvidenceError(RunoffError):
    """The evidence for a version cannot be had."""


class SplitError(EvidenceError):
    """The test split cannot be read, or fails a check."""


class SplitNotConfigured(SplitError):
    """No test split is configured for this model."""


class ScoringError(EvidenceError):
    """One version could not be scored; costs that version and nothing else."""


class ArtifactError(ScoringError):
    """A version's files cannot be fetched, or are such that they must not be."""


class LedgerError(RunoffError):
    """The ledger cannot be written or read; where it cannot be written, nothing moves."""


class DecisionError(RunoffError):
    """The rules say no."""

    exit_status = 1


class NotPermitted(DecisionError):
    """The actor's role does not grant what the function asks for."""


class ProductionMoved(DecisionError):
    """Production is not, or no longer, what the actor saw."""


class MoveUnderWay(DecisionError):
    """Another move of the same model has not ended."""


class GateRefused(DecisionError):
    """The promotion policy keeps the version from Production, and nobody who may overrides it."""


class GateChanged(DecisionError):
    """What the version was checked on, or the policy, is not what the actor saw."""


class RepeatedKey(DecisionError):
    """A request with the same idempotency key began the `operation`; what came of that is the answer."""

    def __init__(self, title: Message, hint: Message = NO_HINT, *, operation: str) -> None:
        super().__init__(title, hint)
        self.operation = operation


class VersionUnfit(DecisionError):
    """The version is not ready, is not what it was, or cannot be what was asked for."""
