"""Keep matrix products in one thread: split over several they would round differently."""

from contextlib import AbstractContextManager
from functools import cache

import numpy as np  # noqa: F401  # the libraries that are limited are those loaded by now
from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[object]:
    """A context in which linear algebra runs in one thread."""
    limited: AbstractContextManager[object] = _controller().limit(limits=1)
    return limited


@cache
def _controller() -> ThreadpoolController:
    """Made once: to look for the loaded libraries takes longer than to fit hundreds of series."""
    return ThreadpoolController()
