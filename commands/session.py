"""What app.py hands to the commands, and the options that stand before a command."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # at run time it would cost every `--help` a second
    from _typeshed.wsgi import WSGIApplication

    from core.services import Services


@dataclass(frozen=True, slots=True)
class Parts:
    """The makers of what a command needs; nothing heavy is imported before one is called."""

    services: "Callable[[Path | None, str | None], Services]"  # configuration file, tracking URI
    web: "Callable[[Services], WSGIApplication]"


@dataclass(frozen=True)
class Session:
    """One call of the command line."""

    parts: Parts
    config: Path | None
    tracking_uri: str | None

    @cached_property
    def services(self) -> "Services":
        """Made when a command first asks; a wrong configuration raises SettingsError."""
        return self.parts.services(self.config, self.tracking_uri)

    def close(self) -> None:
        """End what the services started, where they were made."""
        if "services" in vars(self):
            self.services.close()


pass_session = click.make_pass_decorator(Session)
