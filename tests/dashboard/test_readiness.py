import subprocess
import sys

CODE = """
import gc, threading
from dashboard import readiness, theme
from tests.dashboard.comparing import make_comparison
from dashboard.figures import roc
from dashboard.marks import marks

readiness.get_ready()
for thread in threading.enumerate():
    if thread.name == readiness.WARM:
        thread.join()
print(gc.get_freeze_count() > 50_000, theme.template.cache_info().misses)
for scheme in theme.Scheme:
    roc.figure(make_comparison([1]), marks([1], 1), scheme)
print(theme.template.cache_info().misses)
"""


def test_the_first_figures_build_nothing_that_was_not_there() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "2", "2"]
