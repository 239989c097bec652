"""Services as app.py makes them, over settings of a test's own."""

from core.catalog.mlflow_gateway import MlflowStore
from core.evidence.comparing import Comparisons
from core.evidence.evaluations import Evaluations
from core.evidence.scoring import Scorer
from core.evidence.split import Splits
from core.lifecycle.background import Demo
from core.services import Services
from core.settings import Settings


def make_services(settings: Settings) -> Services:
    """Nothing starts before it is asked for."""
    store = MlflowStore(settings.tracking_uri, alias=settings.alias, embedded=settings.embedded)
    splits = Splits(settings)
    scorer = Scorer(store, settings.data_dir)
    comparisons = Comparisons(
        settings=settings, store=store, splits=splits, scorer=scorer, evaluations=Evaluations(2**26)
    )
    return Services(
        settings=settings,
        store=store,
        splits=splits,
        scorer=scorer,
        comparisons=comparisons,
        demo=Demo(settings),
    )
