"""The sentences about a store that gives trouble: what is the case, and what to do about it."""

from collections.abc import Mapping
from typing import NamedTuple

from core.errors import StoreError, StoreMismatch, StoreRefused, StoreUnreachable
from core.messages import Message, message


class Sentence(NamedTuple):
    """One kind of trouble; the title is filled with address, and reason or status where it names them."""

    kind: type[StoreError]
    title: Message
    hint: Message


_SERVER_LOG = message("Look at the log of the MLflow server.")
_CHECK_ADDRESS = message("Check the address, and that the server is running and can be reached from here.")
_CHECK_DATABASE = message("Check the address, and that the database is running and can be reached from here.")
_CHECK_PATH = message("Check the address and its path, and whether a proxy or a login page stands before it.")

ASKS = Sentence(
    StoreRefused,
    message("The MLflow server at {address} asks for credentials."),
    message(
        "Start Runoff with MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN."
    ),
)
DENIES = Sentence(
    StoreRefused,
    message("The MLflow server at {address} does not accept these credentials."),
    message("Check the user, password or token that Runoff was started with."),
)
FORBIDS = Sentence(
    StoreRefused,
    message("The MLflow server at {address} does not permit this."),
    message("Ask its administrator for the right to read models, experiments and runs."),
)
_HOST = Sentence(
    StoreRefused,
    message("The MLflow server at {address} does not permit this host name."),
    message("Start the MLflow server with --allowed-hosts and the host name of this address."),
)
FOREIGN = Sentence(
    StoreMismatch, message("{address} does not answer as this version of MLflow expects."), _CHECK_PATH
)
_NO_JSON = Sentence(StoreMismatch, message("{address} answers, but not as an MLflow server."), _CHECK_PATH)
NOT_NOW = Sentence(
    StoreUnreachable,
    message("The MLflow server at {address} is not available now."),
    message("Runoff keeps trying; look whether the server is starting or overloaded."),
)
FAILS = Sentence(StoreError, message("The MLflow server at {address} failed (status {status})."), _SERVER_LOG)
OTHER = Sentence(StoreError, message("MLflow could not read {address}: {reason}"), _SERVER_LOG)
UNREADABLE = Sentence(
    StoreMismatch,
    message("{address} answers in a way that this MLflow does not understand."),
    message("MLflow here and on the server should be of the same release."),
)

# Classes of requests, most special first along their ancestry.
CONNECTION: Mapping[str, Sentence] = {
    "SSLError": Sentence(
        StoreRefused,
        message("The certificate of {address} cannot be verified."),
        message("Set MLFLOW_TRACKING_SERVER_CERT_PATH to the file of the certificate authority."),
    ),
    "Timeout": Sentence(
        StoreUnreachable,
        message("The MLflow server at {address} did not answer in time."),
        message("Runoff keeps trying; look whether the server is overloaded or hangs."),
    ),
    "ChunkedEncodingError": Sentence(
        StoreUnreachable, message("The MLflow server at {address} cut its answer short."), _SERVER_LOG
    ),
    "ConnectionError": Sentence(StoreUnreachable, message("Nobody answers at {address}."), _CHECK_ADDRESS),
    "RequestException": Sentence(
        StoreUnreachable, message("{address} cannot be read: {reason}"), _CHECK_ADDRESS
    ),
}

PASSING = frozenset({408, 429, 502, 503, 504})  # statuses of a server that will recover
STATUS_OF_CODE: Mapping[str, int] = {
    "UNAUTHENTICATED": 401,
    "CUSTOMER_UNAUTHORIZED": 401,
    "PERMISSION_DENIED": 403,
    "ENDPOINT_NOT_FOUND": 404,
    "REQUEST_LIMIT_EXCEEDED": 429,
    "NOT_IMPLEMENTED": 501,
    "TEMPORARILY_UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
PACKAGES: Mapping[str, str] = {
    "botocore": "boto3",
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "MySQLdb": "mysqlclient",
}

# Words of databases and of MLflow, the first that occurs decides; compared in lower case.
WORDS: tuple[tuple[str, Sentence], ...] = (
    (
        r"is locked",
        Sentence(
            StoreUnreachable,
            message("Another program keeps the database at {address} locked."),
            message("Runoff keeps trying; look for a program that writes to it for long."),
        ),
    ),
    (
        r"not a database|malformed",
        Sentence(
            StoreMismatch,
            message("The file at {address} is damaged, or is no SQLite database."),
            message("Check the tracking URI, or bring the file back from a backup."),
        ),
    ),
    (
        r"no such (table|column)|(relation|table|column) .*(does not|doesn't) exist|unknown column",
        Sentence(
            StoreMismatch,
            message("The database at {address} lacks what this MLflow reads: {reason}"),
            message("Check the tracking URI, and that this version of MLflow has set the database up."),
        ),
    ),
    (
        r"authentication failed|access denied|login failed",
        Sentence(
            StoreRefused,
            message("The database at {address} refuses the user or the password."),
            message("Check the user and the password in the tracking URI."),
        ),
    ),
    (r"host header|dns rebinding", _HOST),
    (r"unauthorized|not authenticated", ASKS),
    (r"forbidden", FORBIDS),
    (r"'detail': 'not found'", FOREIGN),
    (r"not in a valid json format", _NO_JSON),
    (
        r"mlflow_allow_file_store",
        Sentence(
            StoreMismatch,
            message("MLflow no longer reads a folder of files ({address}) as a store."),
            message(
                "Move it to a database with: mlflow migrate-filestore. "
                "Or start Runoff with MLFLOW_ALLOW_FILE_STORE=true."
            ),
        ),
    ),
    (
        r"database schema|database migration",
        Sentence(
            StoreMismatch,
            message("The schema of {address} is not the one that this MLflow reads."),
            message("Take a backup of the database, then run: mlflow db upgrade"),
        ),
    ),
    (
        r"unsupported uri|could not parse|can't load plugin",
        Sentence(
            StoreMismatch,
            message("{address} is no address that MLflow reads here."),
            message("Use http://…, https://…, sqlite:///…, postgresql://…, mysql://… or mssql://…."),
        ),
    ),
)
DATABASE = Sentence(
    StoreUnreachable, message("The database at {address} cannot be read: {reason}"), _CHECK_DATABASE
)
SYSTEM = Sentence(
    StoreUnreachable,
    message("{address} cannot be read: {reason}"),
    message("Check the address, and the permissions of its files."),
)

# The same where a change was asked for, which has not been made.
_CHANGES: tuple[tuple[Sentence, Sentence], ...] = (
    (
        FORBIDS,
        FORBIDS._replace(
            hint=message("Ask its administrator for the right to change registered models."),
        ),
    ),
    (
        OTHER,
        OTHER._replace(
            title=message("MLflow did not make the change: {reason}"), hint=message("Nothing was changed.")
        ),
    ),
    (
        NOT_NOW,
        NOT_NOW._replace(hint=message("Nothing was changed; try again when the server has started.")),
    ),
    (
        DATABASE,
        DATABASE._replace(title=message("The database at {address} cannot be changed: {reason}")),
    ),
    (SYSTEM, SYSTEM._replace(title=message("{address} cannot be changed: {reason}"))),
)
WORDS_OF_CHANGES: tuple[tuple[str, Sentence], ...] = (
    (
        r"is locked",
        Sentence(
            StoreUnreachable,
            message("Another program keeps the database at {address} locked."),
            message("Nothing was changed; look for a program that writes to it for long, and try again."),
        ),
    ),
    (
        r"readonly|read-only|permission denied",
        Sentence(
            StoreRefused,
            message("Runoff may not write to the database at {address}."),
            message("Give it the permission to write there; nothing was changed."),
        ),
    ),
    (
        r"is full|no space left",
        Sentence(
            StoreError,
            message("There is no room left for the database at {address}."),
            message("Make room on its disk; nothing was changed."),
        ),
    ),
)


def of_change(sentence: Sentence) -> Sentence:
    """The sentence for a change that was not made."""
    return next((instead for said, instead in _CHANGES if said is sentence), sentence)
