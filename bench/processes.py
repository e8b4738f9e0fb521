"""Memory and processor time of each process with all that it started, as the system counts them (Linux only)."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
KB: Final = 1024
# Places in /proc/PID/stat after the command's name: time in user and in kernel mode, in ticks.
USER, KERNEL = 11, 12


def megabytes(processes: Mapping[str, int]) -> dict[str, float]:
    """A fair share each: pages that several use are divided among them. Empty where the system does not tell."""
    return {name: round(kb / KB, 1) for name, kb in _summed(processes, _pss_kb).items() if kb}


def cpu_seconds(processes: Mapping[str, int]) -> dict[str, float]:
    """Processor time since they started. Says what a request costs even on a machine that others use as well."""
    return _summed(processes, _cpu_s)


def used(before: Mapping[str, float], after: Mapping[str, float], *, each: int) -> dict[str, int]:
    """Microseconds of processor time for each of so many requests."""
    return {name: round((after[name] - before.get(name, 0.0)) / max(each, 1) * 1e6) for name in after}


def _summed(processes: Mapping[str, int], of: Callable[[int], float]) -> dict[str, float]:
    children = _children()
    return {name: sum(map(of, _tree(pid, children))) for name, pid in processes.items()}


def _children() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for stat in PROC.glob("[0-9]*/stat"):
        fields = _stat(int(stat.parent.name))
        if fields:
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    return children


def _tree(pid: int, children: Mapping[int, Iterable[int]]) -> list[int]:
    return [pid, *(below for child in children.get(pid, ()) for below in _tree(child, children))]


def _stat(pid: int) -> list[str]:
    try:
        # The command's name, in brackets, may hold spaces and brackets itself.
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _cpu_s(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[USER]) + int(fields[KERNEL])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _pss_kb(pid: int) -> int:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:  # it ended meanwhile, or is not ours to look into
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
