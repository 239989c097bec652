"""MLflow speaks a lot; none of what is silenced here is news to the person at the terminal."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_mlflow() -> Iterator[None]:
    """Silence MLflow's log below errors, and what its own code warns of or is warned of.

    Warnings are a setting of the whole process: meant for a process that does nothing else meanwhile.
    """
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"mlflow(\.|$)")
            warnings.filterwarnings("ignore", message=".*transition_model_version_stage.*deprecated")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
