"""Models that hang, crash, lie or reach out, as artifacts that MLflow loads: each with what shall become of it."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SCORED = "scored"  # it is harmless after all, or its harm is contained, and it gives a score a row
SECRET = "s3cr3t-of-the-web-process"

_FUNCTION = """\
flavors:
  python_function:
    loader_module: hostile
    code: code
    python_version: 3.11.0
"""
_SKLEARN = """\
flavors:
  python_function: {loader_module: mlflow.sklearn, model_path: model.pkl, python_version: 3.11.0}
  sklearn: {pickled_model: model.pkl, serialization_format: pickle, sklearn_version: 1.9.1}
"""
_MODULE = """\
import ctypes, json, os, pickle, shutil, signal, socket, subprocess, sys, threading, time
import numpy as np, pandas as pd

HALF = lambda frame: np.full(len(frame), 0.5)

class Model:
    def __init__(self, path):
        self.path = path
{load}
    def predict(self, frame, params=None):
{predict}

def _load_pyfunc(path):
    return Model(path)
"""


@dataclass(frozen=True)
class Hostile:
    """A model, and the code of its failure, or SCORED."""

    write: Callable[[Path], None]
    becomes: str
    needs: str = ""  # the measure that contains it; not every kernel has it


def runs(becomes: str, predict: str = "return HALF(frame)", load: str = "pass", needs: str = "") -> Hostile:
    """A Python function model with this code in its constructor and its predict()."""

    def write(folder: Path) -> None:
        (folder / "code").mkdir(parents=True)
        (folder / "MLmodel").write_text(_FUNCTION)
        source = _MODULE.format(
            load=textwrap.indent(load, " " * 8), predict=textwrap.indent(predict, " " * 8)
        )
        (folder / "code" / "hostile.py").write_text(source)

    return Hostile(write, becomes, needs)


def holds(becomes: str, **files: bytes) -> Hostile:
    """A folder with these files, "__" standing for a dot."""

    def write(folder: Path) -> None:
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name.replace("__", ".")).write_bytes(content)

    return Hostile(write, becomes)


def _links(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "MLmodel").write_text(_SKLEARN)
    (folder / "model.pkl").symlink_to("/etc/passwd")


def _odd_name(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "MLmodel").write_text(_SKLEARN)
    (folder / "..\\..\\model.pkl").write_bytes(b"")


_BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 5)}]\n" for i in range(9)
)
_LINGER = """\
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-S", "-c", "import time; time.sleep(600) # LINGERING"])
    os._exit(0)
subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600) # LINGERING"])
return HALF(frame)
"""
_SEEKS_SECRETS = f"""\
places = [repr(dict(os.environ))]
for pid in ["self", *range(max(1, os.getppid() - 300), os.getppid() + 300)]:
    for name in ("environ", "cmdline", "fd"):
        try:
            place = f"/proc/{{pid}}/{{name}}"
            places.append(repr(os.listdir(place)) if name == "fd" else open(place).read())
        except OSError:
            pass
if any({SECRET!r} in place for place in places):
    raise ValueError("found it")
return HALF(frame)
"""
_SEEKS_LABELS = """\
if "survived" in frame.columns or "id" in frame.columns:
    raise ValueError("labels among the features")
root = os.path.dirname(os.path.dirname(os.getcwd()))
for folder, _, names in os.walk(os.path.dirname(root)):
    for name in names:
        if os.path.join(folder, name).startswith((os.path.dirname(os.getcwd()), self.path)):
            continue
        try:
            if open(os.path.join(folder, name), "rb").read(1):
                raise ValueError("may read " + os.path.join(folder, name))
        except OSError:
            pass
return HALF(frame)
"""
_NEST = """\
for _ in range(3000):
    os.mkdir("d")
    os.chdir("d")
return HALF(frame)
"""
_LAST_WORDS = 'path = os.path.join(os.path.dirname(os.getcwd()), "result.json")\n'

HOSTILE: dict[str, Hostile] = {
    # time
    "hangs while it is loaded": runs("wall", load="time.sleep(600)"),
    "hangs while it predicts": runs("wall", "while True: pass"),
    "ignores every signal it can": runs(
        "wall", "[signal.signal(s, signal.SIG_IGN) for s in (2, 3, 10, 12, 15, 24)]\ntime.sleep(600)"
    ),
    "leaves a thread running": runs(
        SCORED,
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()\n"
        "return HALF(frame)",
    ),
    # the end of the process
    "calls os._exit": runs("exited", "os._exit(3)"),
    "calls sys.exit": runs("exited", "sys.exit(7)"),
    "raises KeyboardInterrupt": runs("predict_raised", "raise KeyboardInterrupt"),
    "reads address zero": runs("crashed", "ctypes.string_at(0)"),
    "aborts": runs("crashed", load="os.abort()"),
    "kills itself": runs("killed", "os.kill(os.getpid(), signal.SIGKILL)"),
    "recurses without end": runs("predict_raised", "return self.predict(frame)"),
    # what it raises
    "raises markup": runs("predict_raised", "raise ValueError('<script>alert(1)</script>')"),
    "raises a huge message": runs("load_raised", load="raise ValueError('x' * 10**8)"),
    "raises what cannot be shown": runs(
        "predict_raised",
        "class Mute(Exception):\n    def __str__(self): raise RuntimeError('no')\nraise Mute",
    ),
    # memory, disk, processes
    "allocates one large array": runs("out_of_memory", "return np.ones(2**33)"),
    "allocates without end": runs("memory", "kept = []\nwhile True: kept.append(np.ones(10**6))"),
    "returns 2**30 rows": runs("length", "return np.broadcast_to(0.5, 2**30)"),
    "prints without end": runs("wall", "while True: print('x' * 10**5, flush=True)"),
    "writes one large file": runs(
        "disk", "with open('large', 'wb') as file:\n    while True: file.write(b'x' * 10**6)"
    ),
    "writes many files": runs(
        "disk", "for i in range(10**6):\n    with open(str(i), 'wb') as file: file.write(b'x' * 10**6)"
    ),
    "nests folders": runs("scored or disk", _NEST),
    "leaves processes behind": runs(SCORED, _LINGER),
    "forks and forks": runs("processes", "for _ in range(6): os.fork()\ntime.sleep(600)"),
    # what it returns
    "returns NaN": runs("not_finite", "return np.full(len(frame), np.nan)"),
    "returns infinity": runs("not_finite", "return np.append(HALF(frame)[1:], np.inf)"),
    "returns too few": runs("length", "return HALF(frame)[1:]"),
    "returns a scalar": runs("length", "return 0.5"),
    "returns three columns": runs("shape", "return np.full((len(frame), 3), 0.3)"),
    "returns two columns that are no pair": runs("unclear", "return np.full((len(frame), 2), 0.3)"),
    "returns texts": runs("not_numbers", "return ['high'] * len(frame)"),
    "returns None": runs("length", "return None"),
    "returns Nones": runs("not_numbers", "return [None] * len(frame)"),
    "returns a mapping": runs("not_numbers", "return {'a': 1}"),
    "returns what cannot be pickled": runs("not_numbers", "return [lambda: None] * len(frame)"),
    "returns 1.5": runs("range", "return HALF(frame) + 1.0"),
    "returns decisions": runs("hard_labels", "return (frame['age'] > 30).astype(int)"),
    # the way back
    "puts a folder where its result goes": runs(
        "garbled", _LAST_WORDS + "os.mkdir(path)\nreturn HALF(frame)"
    ),
    "puts a pipe where its result goes": runs("garbled", _LAST_WORDS + "os.mkfifo(path)\nos._exit(0)"),
    "puts a link where its result goes": runs(
        "garbled", _LAST_WORDS + "os.symlink('/etc/passwd', path)\nos._exit(0)"
    ),
    "sends a pickle": runs(
        "garbled",
        _LAST_WORDS
        + "class Bomb:\n    def __reduce__(self): return os.system, ('touch /tmp/owned-by-a-model',)\n"
        + "open(path, 'wb').write(pickle.dumps(Bomb()))\nos._exit(0)",
    ),
    "sends a novel": runs("garbled", _LAST_WORDS + "open(path, 'w').write(' ' * 10**6 + '{}')\nos._exit(0)"),
    "sends a template of its own": runs(
        "garbled",
        _LAST_WORDS + "json.dump({'failure': '{x:>99999999}', 'values': {}}, open(path, 'w'))\nos._exit(0)",
    ),
    "sends scores without scoring": runs(
        "garbled",
        _LAST_WORDS
        + "json.dump({'kind': 'probability', 'seconds': 0, 'label_assumed': False}, open(path, 'w'))\n"
        + "open(os.path.join(os.path.dirname(path), 'scores.f8'), 'wb').write(b'x' * 10**6)\nos._exit(0)",
    ),
    "closes every file": runs(SCORED, "os.closerange(0, 1000)\nreturn HALF(frame)"),
    "deletes its working directory": runs(SCORED, "shutil.rmtree(os.getcwd())\nreturn HALF(frame)"),
    # what is not its own
    "looks for credentials": runs(SCORED, _SEEKS_SECRETS, needs="landlock-files"),
    "looks for labels": runs(SCORED, _SEEKS_LABELS, needs="landlock-files"),
    "changes its own files": runs(
        "denied",
        "open(os.path.join(self.path, 'MLmodel'), 'w').write('')\nreturn HALF(frame)",
        needs="landlock-files",
    ),
    "kills its parent": runs(
        "denied", "os.kill(os.getppid(), 9)\nreturn HALF(frame)", needs="landlock-signals"
    ),
    "calls home": runs(
        "denied", "socket.create_connection(('127.0.0.1', 9))\nreturn HALF(frame)", needs="landlock-tcp"
    ),
    # its files
    "needs a library": runs("missing_own_module", load="import a_library_that_nobody_has"),
    "is pickled from a class that is gone": holds(
        "load_raised", MLmodel=_SKLEARN.encode(), model__pkl=b"csklearn.linear_model\nGone\n."
    ),
    "is pickled to run a command": holds(
        "no_scores",
        MLmodel=_SKLEARN.encode(),
        model__pkl=b"cos\nsystem\n(S'touch /tmp/owned-by-a-model'\ntR.",
    ),
    "is cut": holds("load_raised", MLmodel=_SKLEARN.encode(), model__pkl=b"\x80\x04"),
    "has no model file": holds("load_raised", MLmodel=_SKLEARN.encode()),
    "links out of its folder": Hostile(_links, "artifact"),
    "has a name that climbs": Hostile(_odd_name, "artifact"),
    "names a path that climbs": holds(
        "artifact", MLmodel=_SKLEARN.replace("model.pkl", "../../../x.pkl").encode()
    ),
    "has no MLmodel": holds("artifact", other=b""),
    "has an MLmodel that is no YAML": holds("artifact", MLmodel=b"flavors: [1, {2"),
    "has an MLmodel that unfolds": holds("artifact", MLmodel=_BOMB.encode()),
    "has an enormous MLmodel": holds("artifact", MLmodel=b"x" * 5_000_000),
    "has an MLmodel as deep as a well": holds("artifact", MLmodel=b"[" * 200_000),
    "is larger than permitted": holds("artifact", MLmodel=_SKLEARN.encode(), model__pkl=b"x" * 60_000_000),
    "has no flavor that scores": holds("flavor", MLmodel=b"flavors: {spark: {}}\n"),
}
