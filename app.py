"""The composition root: settings -> services -> command line, or a WSGI server.

Importing this module starts nothing and imports nothing heavy: every part is imported where it is made.
"""

import atexit
import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from core.services import Services
    from core.settings import Settings

EVALUATIONS_BYTES = 256 * 2**20  # ten versions with a million distinct scores each


def make_services(config: Path | None, tracking_uri: str | None) -> "Services":
    """The services over the store that the arguments, the configuration file or the environment name."""
    from core.settings import load_settings

    return services_of(
        load_settings(config, tracking_uri=tracking_uri, environ=os.environ, folder=Path.cwd())
    )


def services_of(settings: "Settings") -> "Services":
    """The services that settings ask for; nothing is opened and nothing starts before it is asked for."""
    from core.catalog.mlflow_gateway import MlflowStore
    from core.catalog.run_index import RunIndex
    from core.decision.decisions import Decisions
    from core.decision.gate import Gates
    from core.decision.ledger import Ledger
    from core.decision.registering import Registering
    from core.evidence.comparing import Comparisons
    from core.evidence.evaluations import Evaluations
    from core.evidence.latency import Latencies
    from core.evidence.scoring import Scorer
    from core.evidence.split import Splits
    from core.evidence.trend import Trends
    from core.lifecycle.background import Demo
    from core.services import Services
    from core.version import VERSION

    store = MlflowStore(settings.tracking_uri, alias=settings.alias, embedded=settings.embedded)
    splits = Splits(settings)
    scorer = Scorer(store, settings.data_dir)
    comparisons = Comparisons(
        settings=settings,
        store=store,
        splits=splits,
        scorer=scorer,
        evaluations=Evaluations(EVALUATIONS_BYTES),
    )
    latencies = Latencies(scorer, settings.data_dir)
    decisions = Decisions(
        store=store,
        ledger=Ledger(settings.database_url, settings.data_dir, app_version=VERSION),
        scorer=scorer,
        splits=splits,
        settings=settings,
        compare=comparisons.compare,
        gates=Gates(comparisons=comparisons, times=latencies),
    )
    return Services(
        settings=settings,
        store=store,
        runs=RunIndex(store, settings.data_dir / "runs"),
        splits=splits,
        scorer=scorer,
        latencies=latencies,
        trends=Trends(scorer),
        comparisons=comparisons,
        decisions=decisions,
        registering=Registering(store, settings.data_dir / "registering"),
        demo=Demo(settings),
    )


def make_web(services: "Services") -> "WSGIApplication":
    """The dashboard over the services, which get ready meanwhile."""
    from dashboard.factory import create_app
    from dashboard.readiness import get_ready

    application: WSGIApplication = create_app(services).server
    services.warm()
    get_ready()
    return application


@cache
def _server() -> "WSGIApplication":
    services = make_services(None, None)
    atexit.register(services.close)
    return make_web(services)


def __getattr__(name: str) -> "WSGIApplication":
    """`server`, for `gunicorn app:server`; made when it is first asked for."""
    if name == "server":
        return _server()
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def main() -> int:
    """Do what the command line asks; returns the exit status."""
    try:
        from commands.cli import run
        from commands.session import Parts
    except ModuleNotFoundError as missing:
        sys.stderr.write(
            f"Error: {missing.name} is not installed for {sys.executable}. "
            "Start with make run once, then with .venv/bin/python app.py.\n"
        )
        return 3
    return run(Parts(services=make_services, web=make_web), sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
