"""Why the ledger cannot be used, as one sentence and what to do about it."""

import errno
import re
import shutil
from pathlib import Path

from core.errors import LedgerError
from core.messages import Message, message

LOCK_SECONDS = 10.0  # how long to wait for whoever writes to the ledger

_LEAST_SPACE = 2**20  # bytes; a thousand entries
_MAX_REASON = 200  # characters of a library's own words
_FREE_SPACE = message("Free some space on its disk; until then nothing moves.")
_PERMIT = message("Let the user that Runoff runs as write to it; until then nothing moves.")
_SERVER = message("Check database_url, and that the server runs.")
_NO_ANSWER = (
    r"connection refused|timeout expired|connection timeout|could not connect|connection failed|"
    r"failed to resolve|name or service|server closed|connection.* (?:lost|closed|terminat|reset)|"
    r"terminating connection|starting up|shutting down|no such file|consuming input failed|queuepool"
)

# Words of the databases, in lower case, the first that occurs decides.
_WORDS: tuple[tuple[str, Message, Message], ...] = (
    (
        r"disk is full|no space left|disk full|file too large",
        message("The disk of the ledger's database {address} is full."),
        _FREE_SPACE,
    ),
    (
        r"disk i/o error",
        message("The disk of the ledger's database {address} fails."),
        message("Look at its space, its limits and its health; until then nothing moves."),
    ),
    (
        r"readonly database|read-only transaction|read-only file system",
        message("The ledger's database {address} is read-only."),
        _PERMIT,
    ),
    (
        r"is locked|lock timeout|lock_timeout",
        message("Another program has kept the ledger's database {address} locked for {seconds} s."),
        message("Try again; look for a program that writes to it for long."),
    ),
    (
        r"unable to open database|permission denied for|must be owner",
        message("The ledger's database {address} cannot be opened, or not be written to."),
        _PERMIT,
    ),
    (
        r"not a database|malformed",
        message("The ledger's database {address} is damaged, or is no SQLite database."),
        message("Move it away: the ledger is made anew from ledger.jsonl. Or bring it back from a backup."),
    ),
    (
        r"authentication failed|no password supplied|role .* does not exist|pg_hba",
        message("The ledger's database {address} refuses the user or the password."),
        message("Check the user and the password in database_url."),
    ),
    (
        r"database .* does not exist",
        message("There is no database {address} for the ledger."),
        message("Create it, or correct database_url."),
    ),
    (
        _NO_ANSWER,
        message("The database server of the ledger does not answer at {address}."),
        _SERVER,
    ),
    (
        r"no such table|relation .* does not exist|no such column|column .* does not exist",
        message("The ledger's database {address} lacks the ledger's tables."),
        message("Restart Runoff; if that does not help, bring the database back from a backup."),
    ),
)


def database_trouble(words: str, address: str) -> LedgerError:
    """The error for what a database said."""
    for pattern, title, hint in _WORDS:
        if re.search(pattern, words.lower()):
            return LedgerError(Message(title.template, {"address": address, "seconds": LOCK_SECONDS}), hint)
    reason = words.strip().partition("\n")[0][:_MAX_REASON]
    title = message("The ledger's database {address} fails: {reason}", address=address, reason=reason)
    return LedgerError(title, message("Check database_url, and the log of the database."))


def missing_driver(error: ImportError, address: str) -> LedgerError:
    """The error for a database whose library is not installed."""
    title = message("The library for the ledger's database {address} is not installed.", address=address)
    return LedgerError(title, message("Install it beside Runoff: {reason}", reason=str(error)))


def unfit_url(address: str) -> LedgerError:
    """The error for a database that cannot hold a ledger."""
    title = message("The ledger cannot be kept at {address}.", address=address)
    hint = message("Let database_url be like sqlite:///.runoff/runoff.db or postgresql://user@host/name.")
    return LedgerError(title, hint)


def file_trouble(error: OSError, path: str) -> LedgerError:
    """The error for a file of the ledger that cannot be written."""
    path = str(error.filename or path)
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return LedgerError(message("The disk of the ledger's file {path} is full.", path=path), _FREE_SPACE)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return LedgerError(message("The ledger's file {path} cannot be written to.", path=path), _PERMIT)
    reason = error.strerror or type(error).__name__
    title = message("The ledger's file {path} fails: {reason}", path=path, reason=reason)
    return LedgerError(title, message("Check the file and its disk; until then nothing moves."))


def space_trouble(folder: Path) -> LedgerError | None:
    """The error for a disk that is about to be full; None where there is space."""
    if shutil.disk_usage(folder).free >= _LEAST_SPACE:
        return None
    title = message("The disk of the ledger's folder {path} is full.", path=str(folder))
    return LedgerError(title, _FREE_SPACE)


def lock_trouble(path: str) -> LedgerError:
    """The error for a lock that somebody else holds for too long."""
    return LedgerError(
        message(
            "Another process has held the ledger's lock {path} for {seconds} s.",
            path=path,
            seconds=LOCK_SECONDS,
        ),
        message("Try again; look for a Runoff process that hangs."),
    )
