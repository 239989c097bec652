"""The secret with which entries of the ledger are signed, in a file that its owner alone may read."""

import hashlib
import hmac
import os
import secrets
from functools import cached_property
from pathlib import Path

from core.errors import LedgerError
from core.messages import message

_BYTES = 32
_OTHERS = 0o077  # permissions of everybody but the owner


class SigningKey:
    """A key of 32 random bytes."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @cached_property
    def id(self) -> str:
        """Which key it is, in 16 hexadecimal digits that say nothing about it."""
        return self.sign(b"runoff key id")[:16]

    def sign(self, content: bytes) -> str:
        """HMAC-SHA256 of the content, in 64 hexadecimal digits."""
        return hmac.new(self._secret, content, hashlib.sha256).hexdigest()


def read_key(path: Path) -> SigningKey | None:
    """The key in the file; None where there is no such file.

    Raises:
        LedgerError: The file cannot be read, or holds no key.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error) from None
    try:
        secret = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) != _BYTES:
        title = message("The file {path} holds no key of a ledger.", path=str(path))
        raise LedgerError(title, message("Bring it back from a backup."))
    return SigningKey(secret)


def make_key(path: Path) -> SigningKey:
    """A new key in a new file, or the one of whoever was faster.

    The file appears with all its content: it is written beside its place, then linked there, which
    fails where there is one by now.

    Raises:
        LedgerError: The file cannot be written.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_hex(_BYTES).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            _place(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        title = message("The key of the ledger cannot be written to {path}.", path=str(path))
        hint = message("Check the folder and the space on its disk: {reason}", reason=_reason(error))
        raise LedgerError(title, hint) from None
    key = read_key(path)
    assert key is not None
    return key


def seen_by_others(path: Path) -> bool:
    """Whether more people than its owner may read the file; always False on Windows."""
    try:
        return os.name == "posix" and bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return False


def _place(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    except OSError:  # a file system without links; the ledger's lock keeps others of this folder out
        if not path.exists():
            draft.rename(path)


def _unreadable(path: Path, error: OSError) -> LedgerError:
    title = message("The key of the ledger cannot be read from {path}.", path=str(path))
    return LedgerError(title, message("Check the file's permissions: {reason}", reason=_reason(error)))


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
