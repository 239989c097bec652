"""What the promotion panel reads, and the moves that it asks for."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from core.catalog.store import Version
from core.decision.access import Actor
from core.decision.gate_report import GateReport
from core.decision.record import Kind
from core.decision.standing import Expected, Outcome, Past, Preview, Standing
from core.errors import (
    LedgerError,
    NotFound,
    ProductionMoved,
    RunoffError,
    SplitError,
    StoreError,
    UsageError,
)
from core.evidence.comparison import ScoringState, Status
from core.messages import message
from core.services import Services
from dashboard.callbacks.comparison_reading import ComparisonReader
from dashboard.choice import chosen
from dashboard.components.promotion_said import now
from dashboard.components.version_options import Listing
from dashboard.move import Consent, Move, asked, expectation, number, share, text
from dashboard.pages import promotion_view as panel
from dashboard.pages.promotion_refusals import Situation
from dashboard.recent import Recent
from dashboard.theme import Scheme

PULSE_SECONDS: Final = 2.0  # any number of open pages cost one question in so long
AWAY_SECONDS: Final = 4.0  # between two questions while the store is away


class PromotionReader:
    """Reads through services and one reader of versions; a `sent` is what the browser holds."""

    def __init__(self, services: Services, versions: ComparisonReader) -> None:
        self._services = services
        self._versions = versions
        self._pulses: Recent[str, str] = Recent(seconds=PULSE_SECONDS, most=64)

    def view(self, sent: Mapping[str, Any], actor: Actor, *, is_fresh: bool, scores: bool) -> panel.View:
        """The panel as things stand; `scores`: a chosen version without scores gets them now."""
        model = str(sent["model"])
        try:
            return self._view(sent, model, actor, is_fresh=is_fresh, scores=scores)
        except NotFound as error:
            return panel.failed_view(error, hidden=True, seconds=None)
        except StoreError as error:
            return panel.failed_view(error, hidden=False, seconds=AWAY_SECONDS)

    def pulse(self, model: str) -> str:
        """Another one as soon as the panel may say something else; a moment old at most."""
        known = self._pulses.get(model)
        return self._felt(model) if known is None else known

    def listing(self, sent: Mapping[str, Any]) -> Listing:
        """The versions that match what was typed."""
        chosen = number(sent["version"])
        keep = [] if chosen is None else [chosen]
        _listed, found = self._versions.listing(str(sent["model"]), keep, search=text(sent["search"]))
        return found

    def past(self, sent: Mapping[str, Any]) -> tuple[tuple[Past, ...], Past | None]:
        """Where a rollback may go to, and where the panel says it goes."""
        past = self._services.decisions.standing(str(sent["model"])).past
        wanted = number(sent["rollback"])
        return past, next((one for one in past if one.version.number == wanted), None)

    def ask(self, sent: Mapping[str, Any], wanted: tuple[Kind, int | None]) -> tuple[Move, Preview]:
        """The move that a button asks for, and what it will change.

        Raises:
            UsageError: no reason is given, or the request makes no sense.
            ProductionMoved: the page shows what is no longer so.
        """
        kind, version = wanted
        reason = text(sent["reason"])
        if not reason:
            raise UsageError(message("Type a reason first."))
        if version is None and kind not in {Kind.RESTORE, Kind.ADOPT}:
            raise UsageError(message("Choose a version first."))
        seen, model = expectation(sent["seen"]), str(sent["model"])
        standing = self._services.decisions.standing(model)
        if seen != expected_of(standing):
            raise ProductionMoved(
                message("Production is no longer what this page showed, so nothing was moved."),
                message("Look again and decide anew; your reason is kept."),
            )
        move = Move(
            kind=kind,
            version=version,
            expected=seen,
            reason=reason,
            key=str(uuid.uuid4()),
            stage=text(sent["stage"]) if kind is Kind.STAGE else "",
            stage_seen=text(sent["seen"].get("stage")) if kind is Kind.STAGE else "",
            threshold=self._threshold(model, version, sent),
        )
        asked(move.kept())  # a stage or a number that nobody has is refused here, not when it is confirmed
        preview = self.preview(model, move)
        if kind is Kind.ADOPT:  # what is adopted is what MLflow has, and not what the ledger says
            move = replace(move, expected=preview.expected)
        return move, preview

    def _threshold(self, model: str, version: int | None, sent: Mapping[str, Any]) -> float:
        """Where the page operates the version: at the threshold of all, or at its own."""
        choice = chosen(None, [version], sent["threshold"], (sent.get("mode"), sent.get("target")))
        if version is None or choice.target is None:
            return share(sent["threshold"])
        own = self._versions.compare(model, choice).threshold_of(version)
        return min(max(own, 0.0), 1.0)  # of a ranking, or above every score, it may be beyond

    def preview(self, model: str, move: Move) -> Preview:
        """What the move will change, without its gate, which may take seconds."""
        return self._services.decisions.preview(model, move.version, move.kind, threshold=move.threshold)

    def gate(self, model: str, move: Move) -> GateReport:
        """What the promotion policy says of a promotion as things stand.

        Raises:
            RunoffError: it cannot be had; the promotion would say the same.
        """
        decisions = self._services.decisions
        preview = decisions.preview(model, move.version, move.kind, threshold=move.threshold, gated=True)
        assert preview.gate is not None  # it is a promotion
        return preview.gate

    def act(self, model: str, actor: Actor, move: Move, consent: Consent) -> Outcome:
        """Do it; whatever refuses raises a RunoffError, and nothing was moved."""
        decisions = self._services.decisions
        why: dict[str, Any] = {"reason": move.reason, "key": move.key}
        seen: dict[str, Any] = {"expected": move.expected, "threshold": move.threshold}
        if move.kind is Kind.RESTORE:
            return decisions.restore(actor, model, **why)
        if move.kind is Kind.ROLLBACK:
            return decisions.rollback(actor, model, to=move.version, **seen, **why)
        if move.kind is Kind.ADOPT:
            return decisions.adopt(actor, model, move.version, expected=move.expected, **why)
        assert move.version is not None  # `asked` has seen to it
        if move.kind is Kind.STAGE:
            stages = {"stage": move.stage, "expected_stage": move.stage_seen}
            return decisions.set_stage(actor, model, move.version, **stages, **why)
        taken: dict[str, Any] = {
            "seal": consent.seal,
            "acknowledged": consent.acknowledged,
            "override": consent.override,
        }
        return decisions.promote(actor, model, move.version, **seen, **why, **taken)

    def told(self, model: str) -> str:
        """What is in Production now, in a sentence; empty where it cannot be read."""
        try:
            return now(self._services.decisions.standing(model))
        except StoreError:
            return ""

    def primary(self, model: str) -> str:
        """The metric that decides."""
        return self._services.settings.for_model(model).primary_metric

    @property
    def alias(self) -> str:
        """The alias that is kept in step with the stage."""
        return self._services.settings.alias

    def _felt(self, model: str) -> str:
        """Read anew, at a cost that does not grow with the number of versions."""
        registered = self._services.store.model(model)
        try:
            last = [entry.hash for entry in self._services.decisions.history(model=model, limit=1)]
        except LedgerError as error:
            last = [str(error)]
        aliases = sorted(registered.aliases.items())
        told = (registered.created, registered.updated, registered.production_by_stage, aliases, last)
        return self._pulses.put(model, hashlib.sha256(repr(told).encode()).hexdigest()[:16])

    def _view(
        self, sent: Mapping[str, Any], model: str, actor: Actor, *, is_fresh: bool, scores: bool
    ) -> panel.View:
        wanted = number(sent["version"])
        keep = [] if wanted is None else [wanted]
        pulse = self._felt(model)  # before the look: what changes meanwhile makes the page look again
        listed, listing = self._versions.listing(model, keep, is_fresh=is_fresh)
        standing = self._services.decisions.standing(model, listed=listed if is_fresh else None)
        chosen = next((version for version in listed if version.number == wanted), None)
        state, split = self._scoring(model, chosen, scores=scores)
        situation = Situation(
            standing=standing,
            actor=actor,
            chosen=chosen,
            state=state,
            split=split,
            back=_back(standing, sent),
            stage=text(sent["stage"]),
        )
        return panel.build_view(situation, listing, scheme=Scheme.of(sent["scheme"]), pulse=pulse)

    def _scoring(
        self, model: str, chosen: Version | None, *, scores: bool
    ) -> tuple[ScoringState | None, RunoffError | None]:
        """How far the chosen version is, and why there is no split to score it on."""
        try:
            split = self._services.splits.load(model)
        except SplitError as error:
            return None, error
        if chosen is None:
            return None, None
        state = self._services.scorer.state(chosen, split)
        if scores and state.status is Status.NOT_SCORED:
            self._services.scorer.request(chosen, split)
            state = self._services.scorer.state(chosen, split)
        return state, None


def expected_of(standing: Standing) -> Expected:
    """What a page that shows this standing expects in Production."""
    known = standing.production
    return Expected(version=None) if known is None else Expected(version=known.number, digest=known.digest)


def _back(standing: Standing, sent: Mapping[str, Any]) -> Past | None:
    """What the reader chose to roll back to; the version before where Production has become another."""
    wanted = number(sent["rollback"])
    seen = sent["seen"]
    is_same = isinstance(seen, Mapping) and seen.get("version") == expected_of(standing).version
    chosen = next((one for one in standing.past if is_same and one.version.number == wanted), None)
    return chosen or next(iter(standing.past), None)
