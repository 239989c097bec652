"""What the comparison page reads: versions, splits, scores; one question of the browser at a time."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from core.catalog.store import Version
from core.errors import RunoffError, SplitError, SplitNotConfigured
from core.evidence.comparison import Comparison
from core.evidence.judgement import Judgement
from core.evidence.selection import default_versions, production_version
from core.messages import Message
from core.services import Services
from core.settings import split_example
from dashboard.choice import Choice, chosen, settled
from dashboard.components import scoring_state
from dashboard.components.version_options import Listing, matching
from dashboard.components.version_token import words as version_words
from dashboard.marks import Mark, marks
from dashboard.pages import comparison_view as page
from dashboard.recent import Recent
from dashboard.theme import Scheme

MINUTE: Final = 60.0


class ComparisonReader:
    """Reads through services, and remembers a model's versions and their runs' names for a minute.

    A threshold, a letter typed into a search box and a look at how far the scoring is do not ask the
    store again; opening the page and choosing do.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._recent: Recent[str, tuple[Version, ...]] = Recent(seconds=MINUTE, most=8)
        self._names: Recent[tuple[str, ...], Mapping[str, str]] = Recent(seconds=MINUTE, most=64)

    def view(self, sent: Mapping[str, Any], *, is_look: bool) -> page.View:
        """What the controls ask for, or what stands in its way; a mere look starts no scoring."""
        model, scheme = str(sent["model"]), Scheme.of(sent["scheme"])
        aim = sent.get("mode"), sent.get("target")
        choice = chosen(sent["baseline"], sent["versions"], sent["threshold"], aim)
        try:
            listed = self._versions(model, is_fresh=not is_look)
            if not listed:
                return page.no_versions_view(model)
            choice, missing = self._settled(choice, listed)
            listing = self._listing(listed, choice)
            try:
                comparison = self._compare(model, choice, listed, request=not is_look)
            except SplitError as error:
                return page.no_split_view(
                    error, listing, choice, scheme=scheme, lines=self._lines(listed, error)
                )
        except RunoffError as error:
            return page.failed_view(error)
        drawn = sent["drawn"].get("panels") if isinstance(sent["drawn"], dict) else None
        is_bare = all(one.evaluation is None for one in comparison.versions)
        return page.build_view(
            comparison,
            listing,
            choice,
            scheme=scheme,
            missing=missing,
            drawn=drawn,
            judgement=self._services.comparisons.judge(comparison) if is_bare else None,
        )

    def picker(self, sent: Mapping[str, Any]) -> page.Picker:
        """The options that match what was typed into a dropdown."""
        listed = self._versions(str(sent["model"]))
        choice, _problems = self._settled(chosen(sent["baseline"], sent["versions"], None), listed)
        listing = self._listing(listed, choice, search=str(sent["search"] or ""))
        return page.build_picker(listing, choice, Scheme.of(sent["scheme"]))

    def listing(
        self, model: str, keep: Collection[int], *, search: str = "", is_fresh: bool = False
    ) -> tuple[Sequence[Version], Listing]:
        """All versions, newest first, and those that people may pick: the ones found and those to `keep`."""
        listed = self._versions(model, is_fresh=is_fresh)
        return listed, self._found(listed, keep, search=search)

    def compare(self, model: str, choice: Choice) -> Comparison:
        """The comparison as far as it is scored."""
        return self._compare(model, choice, self._versions(model), request=False)

    def judge(self, model: str, choice: Choice) -> tuple[Comparison, Judgement, Mapping[int, Mark]]:
        """The comparison as far as it is scored, how sure it is, and what its versions look like."""
        listed = self._versions(model)
        comparison = self._compare(model, choice, listed, request=False)
        production = production_version(listed, self._services.settings.alias)
        look = marks((one.version.number for one in comparison.versions), production)
        return comparison, self._services.comparisons.judge(comparison), look

    def act(self, model: str, number: object, action: object) -> None:
        """Score a version, or stop scoring it; a number or an action that nobody has does nothing."""
        version = next((known for known in self._versions(model) if known.number == number), None)
        if version is None:
            return
        split = self._services.splits.load(model)
        if action == scoring_state.CANCEL:
            self._services.scorer.cancel(version, split)
        elif action in scoring_state.ACTIONS:
            self._services.scorer.request(version, split, again=action == scoring_state.AGAIN)

    def _versions(self, model: str, *, is_fresh: bool = False) -> tuple[Version, ...]:
        recent = None if is_fresh else self._recent.get(model)
        return (
            self._recent.put(model, self._services.comparisons.versions(model)) if recent is None else recent
        )

    def _compare(self, model: str, choice: Choice, listed: Sequence[Version], *, request: bool) -> Comparison:
        return self._services.comparisons.compare(
            model,
            versions=choice.versions,
            baseline=choice.baseline,
            threshold=choice.threshold,
            mode=choice.mode,
            target=choice.target,
            request=request,
            listed=listed,
        )

    def _settled(self, choice: Choice, listed: Sequence[Version]) -> tuple[Choice, Sequence[Message]]:
        default = default_versions(listed, self._services.settings.alias)
        numbers = {version.number for version in listed}
        return settled(
            choice, numbers, {number for number in (*default.candidates, default.baseline) if number}
        )

    def _listing(self, listed: Sequence[Version], choice: Choice, *, search: str = "") -> Listing:
        numbers = (choice.baseline, *(choice.versions or ()))
        return self._found(listed, [number for number in numbers if isinstance(number, int)], search=search)

    def _found(self, listed: Sequence[Version], keep: Collection[int], *, search: str) -> Listing:
        production = production_version(listed, self._services.settings.alias)
        shown, more = matching(listed, search, {*keep, *([production] if production else [])})
        unnamed = [version.run_id for version in shown if version.run_id and not version.description.strip()]
        names = self._run_names(tuple(unnamed))
        words = {
            version.number: version_words(version, names.get(version.run_id or "", "")) for version in shown
        }
        return Listing(shown=shown, more=more, search=search, words=words, production=production)

    def _run_names(self, run_ids: tuple[str, ...]) -> Mapping[str, str]:
        names = self._names.get(run_ids) if run_ids else {}
        if names is None:
            runs = self._services.store.runs_by_id(run_ids)
            names = self._names.put(run_ids, {run.id: run.name for run in runs.values()})
        return names

    def _lines(self, listed: Sequence[Version], error: SplitError) -> str:
        """The YAML that would name a split, where none is configured."""
        if not isinstance(error, SplitNotConfigured):
            return ""
        inputs = self._services.store.card(listed[0]).inputs or ()
        return split_example(listed[0].model, [column.name for column in inputs])
