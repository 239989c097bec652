"""A store's address as people may see it: no secret in it, and no longer than it needs to be."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # of two letters at least: one is a drive
_NAMES = frozenset({"databricks", "databricks-uc", "uc"})  # MLflow's addresses without a scheme
_SHORTEST_SECRET = 4  # shorter ones occur in ordinary words: they are hidden inside addresses only


def shown_address(uri: str, folder: Path) -> str:
    """The URI without password, token and query; files below `folder` are named relative to it."""
    parts = urlsplit(uri)
    if parts.netloc:
        return urlunsplit((parts.scheme, _without_password(parts.netloc, ""), parts.path, "", ""))
    path = local_path(uri)
    if path is None or not path.is_absolute():
        return uri.partition("?")[0]
    if path.is_relative_to(folder):
        path = path.relative_to(folder)
    if is_sqlite(uri):
        return f"{parts.scheme}:///{path.as_posix()}"
    return path.as_posix()


def masked_uri(uri: str) -> str:
    """The URI for a command that a person completes: stars where the password was, no query."""
    parts = urlsplit(uri)
    if not parts.netloc:
        return uri.partition("?")[0]
    return urlunsplit((parts.scheme, _without_password(parts.netloc, ":***"), parts.path, "", ""))


def public_uri(uri: str) -> str:
    """The URI for a program of the reader's: neither user, password nor query, paths of files in full."""
    parts = urlsplit(uri)
    if parts.netloc:
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    path = local_path(uri)
    if path is None:
        return uri.partition("?")[0]
    whole = path.absolute().as_posix()
    return f"{parts.scheme}:///{whole}" if is_sqlite(uri) else whole


def without_secrets(text: str, uri: str) -> str:
    """`text` (a library's own words) with the address replaced and the password starred out."""
    text = text.replace(uri, masked_uri(uri))
    parts = urlsplit(uri)
    user_and_password, separator, _ = parts.netloc.rpartition("@")
    if separator:
        text = text.replace(f"{user_and_password}@", f"{user_and_password.partition(':')[0]}:***@")
    for secret in _secrets(uri):
        text = text.replace(secret, "***")
    return text


def local_path(uri: str) -> Path | None:
    """The file or folder that a sqlite or file URI, or a bare path, names; None for anything else.

    SQLite URIs follow SQLAlchemy: three slashes before a relative path, four before an absolute one.
    """
    scheme, _, rest = uri.partition(":")
    if not _SCHEME.match(uri):
        return None if uri in _NAMES else Path(uri)
    if is_sqlite(uri):
        return Path(rest.partition("?")[0].removeprefix("///"))
    if scheme == "file":
        return Path(unquote(urlsplit(uri).path))
    return None


def is_sqlite(uri: str) -> bool:
    """Whether the URI names an SQLite database."""
    return uri.partition(":")[0].partition("+")[0] == "sqlite"


def is_sql(uri: str) -> bool:
    """Whether MLflow opens the URI as an SQL database of its own."""
    return uri.partition(":")[0].partition("+")[0] in {"sqlite", "postgresql", "mysql", "mssql"}


def is_http(uri: str) -> bool:
    """Whether the URI names an MLflow tracking server."""
    return uri.partition(":")[0].lower() in {"http", "https"}


def _without_password(netloc: str, stars: str) -> str:
    user_and_password, separator, host = netloc.rpartition("@")
    user, colon, _ = user_and_password.partition(":")
    return f"{user}{stars if colon else ''}{separator}{host}" if separator else netloc


def _secrets(uri: str) -> list[str]:
    user_and_password = urlsplit(uri).netloc.rpartition("@")[0]
    password = user_and_password.partition(":")[2]
    return [secret for secret in {password, unquote(password)} if len(secret) >= _SHORTEST_SECRET]
