"""Keep matrix products in one thread: split over several they would round differently.

And keep the memory of arrays that are forgotten: to fetch it anew for the next block of series
takes up to as long again as to fit them.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from threading import Lock

import numpy as np  # noqa: F401  # the libraries that are limited are those loaded by now
from threadpoolctl import ThreadpoolController

MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1  # parameters of mallopt(3)
MEBIBYTE = 1 << 20

_lock = Lock()
_limit = ExitStack()
_holders = 0


@contextmanager
def one_thread() -> Iterator[None]:
    """A context in which linear algebra runs in one thread.

    The limit is the whole process's. It is lifted when the last of the threads that hold it
    leaves, so that none of the tasks of a worker with several threads takes it from another.
    """
    global _holders
    _keep_memory()
    with _lock:
        if not _holders:
            _limit.enter_context(_controller().limit(limits=1))
        _holders += 1
    try:
        yield
    finally:
        with _lock:
            _holders -= 1
            if not _holders:
                _limit.close()


@cache
def _keep_memory() -> None:
    """Ask the C library, where it is glibc, not to give freed memory back at once."""
    if not sys.platform.startswith("linux"):
        return
    with suppress(OSError, AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(MMAP_THRESHOLD, 32 * MEBIBYTE)
        mallopt(TRIM_THRESHOLD, 256 * MEBIBYTE)


@cache
def _controller() -> ThreadpoolController:
    """Made once: to look for the loaded libraries takes longer than to fit hundreds of series."""
    return ThreadpoolController()
