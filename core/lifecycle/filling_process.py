"""The child process behind `core.lifecycle.background`.

It reports every step as a line of JSON on standard output, and ends when its standard input does: it
never outlives its parent, however that came to its end.
"""

import json
import os
import sys
import threading
from pathlib import Path


def main() -> None:
    """Fill the store named on the command line: its URI, and the folder for everything else."""
    uri, data_dir = sys.argv[1:]
    threading.Thread(target=_end_with_parent, daemon=True).start()

    from filelock import FileLock  # noqa: PLC0415  imports take seconds, in which the parent may end

    from core.lifecycle.filling import fill  # noqa: PLC0415  likewise
    from core.lifecycle.quiet import quiet_mlflow  # noqa: PLC0415  likewise
    from core.settings import DEMO_FILE, load_settings  # noqa: PLC0415  likewise

    settings = load_settings(DEMO_FILE, tracking_uri=uri, environ={}, folder=DEMO_FILE.parent)
    folder = Path(data_dir)
    with FileLock(folder / "demo.lock"), quiet_mlflow():  # two servers may start on the same folder
        for step in fill(settings, artifacts=folder / "mlartifacts"):
            report = {"step": step.number, "total": step.total, "name": step.name}
            sys.stdout.write(json.dumps(report) + "\n")
            sys.stdout.flush()


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):  # unbuffered: a lock of `sys.stdin` would stop Python from ending
        pass  # nothing is ever sent: it returns when the parent closes the pipe, or is gone
    os._exit(1)


if __name__ == "__main__":
    main()
