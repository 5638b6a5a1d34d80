"""The life of a forked process that serves: on uvloop, never longer than its parent."""

from __future__ import annotations

import ctypes
import os
import signal
import traceback
from collections.abc import Callable, Coroutine
from typing import Final, NoReturn

import uvloop

__all__ = ["ORDERS", "die_with", "serve_in_fork"]

ORDERS: Final = frozenset({signal.SIGINT, signal.SIGTERM})
"""The signals that end a server; its parent holds them back while it forks."""
_PR_SET_PDEATHSIG: Final = 1


def serve_in_fork(serve: Callable[[], Coroutine[object, object, None]], *, parent: int) -> NoReturn:
    """Lives the whole life of a process; to be called in the child of a fork.

    Its exit code is 0, and 1 when `serve` raised. SIGINT is ignored: Ctrl-C reaches the whole
    group, but the order to end comes from the parent. ORDERS and SIGCHLD are left blocked, as
    the parent had them; `serve` lets them through when it can act on them.

    Args:
        serve: what it does.
        parent: the process that it must not outlive.
    """
    code = 1
    try:
        die_with(parent, signal.SIGKILL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        uvloop.run(serve())
        code = 0
    except Exception:
        traceback.print_exc()  # nobody else will: the stack ends here
    finally:
        os._exit(code)  # the code of the parent, further up the stack, is not ours


def die_with(parent: int, signal_number: int = signal.SIGTERM) -> None:
    """Has the kernel send us a signal when our parent ends, however it ends.

    Args:
        parent: its process id, as it knew it itself: it may be gone already.
        signal_number: what we are sent.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal_number)
