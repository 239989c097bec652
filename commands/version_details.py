"""What `versions --details` adds: flavors, signature and size, read off each version's MLmodel file."""

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from tqdm import tqdm

from commands.output import tell
from core.catalog.mlmodel import ModelCard
from core.catalog.store import Store, Version
from core.errors import ArtifactError, NotFound, RunoffError

AT_ONCE = 8  # the store answers more questions than that side by side
COLUMNS = ("flavors", "size", "inputs")
EVERY_MODEL = "python_function"  # a flavor that nearly every model has beside its own
LONGEST_INPUTS = 60  # characters of a table's cell

Cards = Mapping[int, ModelCard | RunoffError]


def read_cards(store: Store, versions: Sequence[Version]) -> Cards:
    """The card of each version, or why it has none, which is told; progress on standard error.

    Raises:
        StoreError: the store does not answer.
    """
    with (
        ThreadPoolExecutor(AT_ONCE, thread_name_prefix="runoff-cards") as pool,
        tqdm(
            total=len(versions), desc="Reading", unit="version", leave=False, disable=not sys.stderr.isatty()
        ) as bar,
    ):
        cards = {}
        try:
            for version, card in zip(
                versions, pool.map(lambda one: _card(store, one), versions), strict=True
            ):
                cards[version.number] = card
                bar.update()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # nobody asks for the rest any more
            raise
    for number, card in cards.items():
        if isinstance(card, RunoffError):
            tell(f"Version {number}: {card}")
    return cards


def card_cells(card: ModelCard | RunoffError) -> list[str]:
    """The cells of a table, in the order of `COLUMNS`; "?" where the files cannot be read."""
    if isinstance(card, RunoffError):
        return ["?", "?", "?"]
    own = [name for name in card.flavors if name != EVERY_MODEL] or list(card.flavors)
    return [", ".join(own), _size(card.size_bytes), _inputs(card)]


def card_json(card: ModelCard | RunoffError) -> dict[str, object]:
    """Everything the card says, or the error."""
    if isinstance(card, RunoffError):
        return {"error": {"title": str(card.title), "hint": str(card.hint)}}
    return {
        "flavors": list(card.flavors),
        "size_bytes": card.size_bytes,
        "inputs": None
        if card.inputs is None
        else [
            {"name": column.name, "type": column.type, "required": column.required} for column in card.inputs
        ],
        "outputs": card.outputs,
        "requirements": list(card.requirements),
        "python_version": card.python_version,
        "mlflow_version": card.mlflow_version,
        "model_id": card.model_id,
    }


def _card(store: Store, version: Version) -> ModelCard | RunoffError:
    try:
        return store.card(version)
    except (ArtifactError, NotFound) as error:  # costs this version alone
        return error


def _size(size: int | None) -> str:
    """Bytes to three figures, in powers of ten as MLflow's page has them."""
    if size is None:
        return ""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size} B"


def _inputs(card: ModelCard) -> str:
    """`4: Pclass long, Sex long, …`; empty where the signature names no columns."""
    if card.inputs is None:
        return ""
    text = ", ".join(f"{column.name} {column.type}".strip() for column in card.inputs)
    shown = text if len(text) <= LONGEST_INPUTS else f"{text[: LONGEST_INPUTS - 1]}…"
    return f"{len(card.inputs)}: {shown}"
