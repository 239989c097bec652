"""What a child process may do: limits of the kernel, and on Linux a Landlock domain. Child only.

Each part is applied where the platform has it; `measures` says which those are. Not confined anywhere:
datagrams (UDP) and Unix sockets with a path, and the names of files (Landlock lets a process look whether a
file is there). Without Landlock, a model can read and write what the user of the web process can.
"""

import contextlib
import ctypes
import os
import struct
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil
from threadpoolctl import ThreadpoolController

from core.evidence.isolation.job import MIB, WORK, Job

if sys.platform != "win32":
    import resource

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # Landlock's system calls: the same numbers on every architecture
_READ = 0b1101  # execute, read file, read folder
_READ_FILE = 0b101
_TCP = 0b11  # bind, connect
_SCOPE = 0b11  # abstract sockets and signals stay within the domain
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _SIGKILL = 1, 38, 9

_ROOT = Path(__file__).resolve().parents[3]
_UNUSED_SPACE = 1 << 30  # address space that libraries reserve and never touch

# Landlock's rights over files have grown: how many each version of its interface knows.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NETWORK_SINCE, _SCOPE_SINCE = 4, 6

# What libraries read at run time beside themselves: no home, no /var, nothing that could hold a secret.
_SYSTEM = (
    *("/lib", "/lib32", "/lib64", "/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/bin"),
    *("/usr/share", "/usr/local/lib", "/usr/local/cuda", "/nix/store"),
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/timezone"),
    *("/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/os-release", "/etc/mime.types"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/loadavg", "/proc/filesystems"),
    *("/proc/sys/vm", "/proc/sys/kernel", "/sys/devices/system", "/sys/fs/cgroup"),
    *("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"),
)


def measures() -> tuple[str, ...]:
    """The names of what confines a child on this machine."""
    version = _landlock_version()
    parts = {
        "rlimits": sys.platform != "win32",
        "landlock-files": version > 0,
        "landlock-tcp": version >= _NETWORK_SINCE,
        "landlock-signals": version >= _SCOPE_SINCE,
    }
    return tuple(name for name, there in parts.items() if there)


def confine(job: Job, libraries: ThreadpoolController) -> None:
    """Bind this process: its environment, its limits, what it may open. Nothing lifts it again.

    BLAS keeps to the one thread of the server's environment. `libraries` are those in memory: their OpenMP
    gets `job.threads` threads; those that the model brings in read OMP_NUM_THREADS.
    """
    work = Path(job.folder) / WORK
    work.mkdir(exist_ok=True)
    os.chdir(work)
    _set_environment(work, job.threads)
    libraries.limit(limits=job.threads, user_api="openmp")
    if sys.platform != "win32":
        _limit_resources(job)
    if sys.platform == "linux":
        _die_with_parent()
        _restrict_files(job)


def _set_environment(work: Path, threads: int) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in {"HOME", "TMPDIR", "PWD"}}
    os.environ.clear()
    os.environ.update(kept, HOME=str(work), TMPDIR=str(work), OMP_NUM_THREADS=str(threads))
    tempfile.tempdir = None


def _limit_resources(job: Job) -> None:
    if sys.platform == "win32":
        return
    limits = job.limits
    address_space = psutil.Process().memory_info().vms + Path(job.features).stat().st_size
    address_space += limits.memory_bytes + _UNUSED_SPACE  # the watch over what is used comes first
    largest_file = max(limits.disk_bytes, 8 * job.rows + MIB)
    cpu = int(limits.cpu_seconds) + 1
    wanted = {
        resource.RLIMIT_AS: (address_space, address_space),
        resource.RLIMIT_FSIZE: (largest_file, largest_file),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_CPU: (cpu, cpu + 5),  # the first says why it ends (SIGXCPU), the second just ends it
    }
    for kind, (soft, hard) in wanted.items():
        _, most = resource.getrlimit(kind)
        bounds = (soft, hard) if most == resource.RLIM_INFINITY else (min(soft, most), min(hard, most))
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some: the server's watch remains
            resource.setrlimit(kind, bounds)


def _die_with_parent() -> None:
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    with contextlib.suppress(OSError):  # the kernel, short of memory, shall choose this process first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _landlock_version() -> int:
    """The version of Landlock's interface; 0 or less: this kernel has none."""
    if sys.platform != "linux":
        return 0
    version: int = ctypes.CDLL(None, use_errno=True).syscall(_CREATE, None, ctypes.c_size_t(0), 1)
    return version


def _restrict_files(job: Job) -> None:
    version = _landlock_version()
    if version < 1:
        return
    rights = (1 << _RIGHTS.get(version, 16)) - 1
    fields = [rights, _TCP, _SCOPE][: 1 if version < _NETWORK_SINCE else 2 if version < _SCOPE_SINCE else 3]
    libc = ctypes.CDLL(None, use_errno=True)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    readable = [*_SYSTEM, *library_folders(), f"/proc/{os.getpid()}", job.artifact, job.features]
    _allow(libc, ruleset, readable, _READ)
    _allow(libc, ruleset, [job.folder], rights)
    _allow(libc, ruleset, ["/dev/null"], _READ_FILE | 0b10)  # and write
    if libc.syscall(_RESTRICT, ruleset, 0):
        raise OSError(ctypes.get_errno(), "Landlock refused to restrict the process")
    os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, paths: Iterable[str], rights: int) -> None:
    for path in paths:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC) if sys.platform == "linux" else -1
        except OSError:
            continue  # not on this machine
        granted = rights if Path(path).is_dir() else rights & (_READ_FILE | 0b10)
        libc.syscall(_ADD, ruleset, 1, struct.pack("=Qi", granted, descriptor), 0)
        os.close(descriptor)


def library_folders() -> Sequence[str]:
    """Where Python and its packages live: what a model may import.

    Runoff's own folder is not among them, though modules are found there: its data may lie below it.
    """
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    below = [f"{prefix}/{name}" for prefix in prefixes for name in ("lib", "lib64", "bin", "share", "etc")]
    found = [
        *below,
        *sysconfig.get_paths().values(),
        *(entry for entry in sys.path if Path(entry).is_absolute()),
    ]
    return [folder for folder in found if not _ROOT.is_relative_to(Path(folder).resolve())]
