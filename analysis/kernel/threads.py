"""Keep matrix products in one thread: split over several they would round differently."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from threading import Lock

import numpy as np  # noqa: F401  # the libraries that are limited are those loaded by now
from threadpoolctl import ThreadpoolController

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
def _controller() -> ThreadpoolController:
    """Made once: to look for the loaded libraries takes longer than to fit hundreds of series."""
    return ThreadpoolController()
