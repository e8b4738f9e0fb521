"""`python -m local.nest FD`: loads what the processes of a shop are made of, once, and forks each of them from there.

Six processes that import the same thousand modules each were most of what a start costs, and of the memory a shop on
one machine takes. Nothing but modules is loaded here. Whom to become, and with which passwords, only the child reads,
out of a socket of its own: nobody who is forked later can find it in their memory.
"""

import ctypes
import gc
import json
import os
import signal
import socket
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NoReturn

PR_SET_PDEATHSIG: Final = 1
PR_SET_NAME: Final = 15
ADOPTED_POLL_S: Final = 0.001
NUMBER_BYTES: Final = 10  # of a process
# Each is run as `python -m NAME`, and its `main` is what it does.
HATCHED: Final = ("web", "workers", "scheduler", "stripesim", "commands")
# What they would load only when they are asked to do something that every start does.
LATER: Final = ("kalecart.migrate", "kalecart.policy.publish", "local.demonstration", "uvloop")
# Places in /proc/self/stat after the command's name: where in memory the words are that a process was called with.
ARGUMENTS_BEGIN, ARGUMENTS_END = 45, 46


def main() -> None:
    line = socket.socket(fileno=int(sys.argv[1]))
    be_called([sys.executable, "-m", "local.nest"])
    gc.disable()
    for name in (*(f"{package}.__main__" for package in HATCHED), *LATER):
        import_module(name)
    gc.freeze()  # or the first look for garbage of each child would copy all of it
    assert threading.active_count() == 1, "a thread does not survive a fork"
    print('{"event": "nest_ready"}', flush=True)  # noqa: T201  # its log
    while True:
        _, eggs, _, _ = socket.recv_fds(line, 1, 1)
        if not eggs:  # whoever asked is gone
            return
        between = os.fork()
        if between == 0:
            line.close()
            hatch(socket.socket(fileno=eggs[0]))
        os.close(eggs[0])
        os.waitpid(between, 0)


def hatch(egg: socket.socket) -> NoReturn:
    """Fork once more and end: whoever asked adopts the child, and is its parent as if it had spawned it."""
    between = os.getpid()
    if child := os.fork():
        leave(child, egg)
    with egg:
        with egg.makefile("rb") as words:
            asked = json.loads(words.readline() or "null")
        if asked is None:  # it was asked for longer ago than anybody waits
            os._exit(1)
        while os.getppid() == between:
            time.sleep(ADOPTED_POLL_S)  # nothing tells a process that it was adopted
        become(asked)
        if not awaited(egg):
            os._exit(1)
    gc.enable()
    sys.exit(import_module(f"{sys.argv[0]}.__main__").main())


def leave(child: int, egg: socket.socket) -> NoReturn:
    """Tell whoever asked whom to adopt: also one that ends before it could say a word leaves a number to its parent."""
    try:
        egg.sendall(b"%*d" % (NUMBER_BYTES, child))
    except OSError:  # it was asked for longer ago than anybody waits, and nobody would bury it
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    os._exit(0)


def awaited(egg: socket.socket) -> bool:
    """Whether somebody still waits for it."""
    try:
        egg.sendall(b"!")
        return bool(egg.recv(1))
    except OSError:
        return False


def become(asked: dict[str, Any]) -> None:
    """What a new process of that name would be: its own session, log, environment and arguments."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, asked["dies_by"], 0, 0, 0)
    if os.getppid() != asked["parent"]:  # it died before, or adopts no longer: whoever else did waits for nobody
        os._exit(1)
    log = os.open(asked["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.environ.clear()
    os.environ.update(asked["environment"])
    python, dash_m, *sys.argv = asked["argv"]
    be_called([python, dash_m, *sys.argv])


def be_called(words: list[str]) -> None:
    """What `ps` shows. There is as much room for it as the nest's own command took."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    begin, end = int(fields[ARGUMENTS_BEGIN]), int(fields[ARGUMENTS_END])
    if begin:
        said = "\0".join(words).encode()[: end - begin - 1]
        ctypes.memset(begin, 0, end - begin)
        ctypes.memmove(begin, said, len(said))
    name = words[2]  # what follows it may be a password
    ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode()[:15], 0, 0, 0)


if __name__ == "__main__":
    main()
