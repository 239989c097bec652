"""Whether a version still is the one that the ledger knows, and may be in Production."""

from core.catalog.store import Version
from core.decision.record import VersionRef
from core.errors import VersionUnfit
from core.messages import Message, message

READY = "READY"


def not_ready(version: Version) -> VersionUnfit | None:
    """Why MLflow does not hand the version out; None where it does."""
    if version.status == READY:
        return None
    return VersionUnfit(
        message(
            "Version {version} is not ready: MLflow says {status}.",
            version=version.number,
            status=version.status,
        ),
        message("Wait until its files are registered, or choose another version."),
    )


def changed(was: VersionRef, version: Version | None, digest: str | None) -> VersionUnfit | None:
    """Why what the registry has now is not the version that was in Production; None where it is.

    `version` None: it is gone. `digest` None: its files have not been looked at.
    """
    if version is None:
        return _unfit(message("Version {version} has been deleted.", version=was.number))
    if was.created is not None and (was.created, was.source) != (version.created, version.source):
        return _unfit(
            message(
                "Version {version} has been deleted and made anew: it is another one than that "
                "which was in Production.",
                version=was.number,
            )
        )
    if was.digest is not None and digest is not None and was.digest != digest:
        return _unfit(
            message(
                "The files of version {version} are not those that were in Production: "
                "their bytes have changed.",
                version=was.number,
            )
        )
    return not_ready(version)


def _unfit(title: Message) -> VersionUnfit:
    return VersionUnfit(title, message("Choose another version, or promote this one anew."))
