"""What a move would change, before anybody confirms it."""

from dataclasses import dataclass

from core.catalog.store import Version
from core.decision.gate import Gates
from core.decision.gate_report import GateReport
from core.decision.holding import found, in_production, reference
from core.decision.looking import Look, Looking
from core.decision.preflight import Preflight, existing
from core.decision.promotion import restore_target, rollback_target
from core.decision.record import Kind, VersionRef
from core.decision.staging import adoption_target
from core.decision.standing import Expected, Preview
from core.errors import UsageError
from core.messages import message


@dataclass(frozen=True, slots=True, kw_only=True)
class Previews:
    """Tells what would happen; changes, fetches and scores nothing."""

    looking: Looking
    preflight: Preflight
    gates: Gates

    def of(
        self, model: str, version: int | None, kind: Kind, *, threshold: float, gated: bool = False
    ) -> Preview:
        """The preview of one move; `gated`: that of a promotion has its gate report."""
        look = self.looking.glance(model)
        before = self._reference(look.production)
        after = self._after(look, version, kind)
        return Preview(
            model=model,
            kind=kind,
            before=self._reference(found(look.versions, version)) if kind is Kind.STAGE else before,
            after=after,
            expected=Expected(
                version=in_production(look.holders), digest=before.digest if before is not None else None
            ),
            holders=look.holders,
            numbers=None
            if after is None or found(look.versions, after.number) is None
            else self.preflight.numbers(
                after.number, in_production(look.holders), threshold=threshold, listed=look.versions
            ),
            gate=self._gate(look, after, threshold) if gated and kind is Kind.PROMOTE else None,
        )

    def _gate(self, look: Look, after: VersionRef | None, threshold: float) -> GateReport:
        """The gate as things stand, against what is in Production now."""
        assert after is not None  # a promotion names its version
        production = in_production(look.holders)
        return self.gates.report(
            look.model, after.number, baseline=production, threshold=threshold, listed=look.versions
        )

    def _after(self, look: Look, version: int | None, kind: Kind) -> VersionRef | None:
        match kind:
            case Kind.ROLLBACK:
                return rollback_target(look, version)
            case Kind.RESTORE:
                return restore_target(look)
            case Kind.ADOPT:
                return self._reference(found(look.versions, adoption_target(look, version)))
        if version is None:
            raise UsageError(message("No version is named."), message("Choose one."))
        chosen = existing(look.model, look.versions, version)
        leaves = kind is Kind.STAGE and version in look.holders.numbers
        return None if leaves else self._reference(chosen)

    def _reference(self, version: Version | None) -> VersionRef | None:
        return reference(version, self.preflight.known_digest(version)) if version is not None else None
