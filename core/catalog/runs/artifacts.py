"""A run's artifacts for people: folders on demand, small files as text or picture, nothing outside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from core.catalog.store import ArtifactFolder, ArtifactPlace, RunFiles
from core.errors import NotFound
from core.messages import message
from core.quoting import quoted

MOST_TEXT: Final = 200_000  # bytes of a text that are shown
MOST_IMAGE: Final = 8_000_000  # bytes of a picture
_LONGEST_PATH: Final = 4_000  # characters

# What a browser draws and runs nothing of, with what such a file begins with.
_IMAGES: Mapping[str, tuple[str, tuple[bytes, ...]]] = MappingProxyType(
    {
        "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
        "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
        "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
        "gif": ("image/gif", (b"GIF87a", b"GIF89a")),
        "webp": ("image/webp", (b"RIFF",)),
        "svg": ("image/svg+xml", ()),
    }
)


class Form(StrEnum):
    """How a file is shown."""

    TEXT = "text"
    IMAGE = "image"
    BINARY = "binary"  # neither: it is not shown
    LARGE = "large"  # a picture that is too large to be shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What is shown of a file; of a text its beginning, of what is not shown nothing."""

    form: Form
    data: bytes = b""
    media_type: str = "text/plain"
    size: int | None = None  # bytes of the whole file, where that is known
    is_cut: bool = False

    @property
    def text(self) -> str:
        """The text; a character that the limit cut in two is left out."""
        return self.data.decode("utf-8-sig", errors="ignore" if self.is_cut else "replace")


def listing(files: RunFiles, place: ArtifactPlace, folder: str = "") -> ArtifactFolder:
    """One folder of a run or of a model that it logged.

    Raises:
        NotFound: there is no such run, model or folder, or the path leads out of it.
        StoreError: the artifact store, or MLflow, does not answer.
    """
    return files.artifacts(place, require_inside(folder) if folder else "")


def preview(files: RunFiles, place: ArtifactPlace, path: str) -> Preview:
    """What is shown of a file, of its content and not of its name alone.

    Raises:
        NotFound: there is no such file, or the path leads out of the run.
        ArtifactError: it is too large to be fetched, or no ordinary file.
        StoreError: the artifact store, or MLflow, does not answer.
    """
    image = _IMAGES.get(require_inside(path).rpartition(".")[2].lower())
    if image is None:
        return _text(files, place, path)
    found = files.artifact(place, path, most=MOST_IMAGE)
    media_type, beginnings = image
    if found.is_cut:
        return Preview(form=Form.LARGE, size=found.size, is_cut=True)
    is_drawn = found.data.startswith(beginnings) if beginnings else b"<svg" in found.data[:10_000]
    if not is_drawn:
        return Preview(form=Form.BINARY, size=found.size)
    return Preview(form=Form.IMAGE, data=found.data, media_type=media_type, size=found.size)


def is_image(path: str) -> bool:
    """Whether a file of this name is shown as a picture, if it is one."""
    return path.rpartition(".")[2].lower() in _IMAGES


def require_inside(path: str) -> str:
    """The path, if it names something below the place whoever joins it; NotFound else."""
    parts = path.split("/")
    if (
        len(path) > _LONGEST_PATH
        or any(part in {"", ".", ".."} for part in parts)
        or any(character in path for character in "\\\0")
        or ":" in parts[0]  # another drive, or another scheme
    ):
        raise NotFound(message("The run has no artifact {path}.", path=quoted(path)))
    return path


def _text(files: RunFiles, place: ArtifactPlace, path: str) -> Preview:
    found = files.artifact(place, path, most=MOST_TEXT)
    if _is_text(found.data, is_cut=found.is_cut):
        return Preview(form=Form.TEXT, data=found.data, size=found.size, is_cut=found.is_cut)
    return Preview(form=Form.BINARY, size=found.size, is_cut=found.is_cut)


def _is_text(data: bytes, *, is_cut: bool) -> bool:
    if b"\0" in data:
        return False
    for missing in range(4 if is_cut else 1):  # the last character may be cut in two
        try:
            data[: len(data) - missing].decode()
        except UnicodeDecodeError:
            continue
        return True
    return False
