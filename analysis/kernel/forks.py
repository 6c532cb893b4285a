"""Do the same to many things side by side, in processes that share the memory of this one.

A forked process finds everything this one holds and is sent nothing but a number; what it returns
is pickled. Where the system cannot fork safely, or a cluster does the work, things are done one
after the other. Results do not depend on it.
"""

import multiprocessing
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from joblib.parallel import get_active_backend

T = TypeVar("T")
R = TypeVar("R")
LOCAL = ("LokyBackend", "SequentialBackend", "MultiprocessingBackend", "ThreadingBackend")


def side_by_side(
    call: Callable[[T], R], things: Sequence[T], *, jobs: int, chunk: int = 1
) -> Iterator[R]:
    """What `call` makes of each thing, in their order.

    Args:
        call: May hold whatever it needs; it is inherited, not sent.
        things: Neighbours are handed to one process, `chunk` at a time.
        jobs: Processes.
        chunk: How many things a process is handed at a time.

    >>> list(side_by_side(lambda number: number**2, [1, 2, 3], jobs=2))
    [1, 4, 9]
    """
    if jobs == 1 or len(things) < 2 or not can_fork():
        yield from map(call, things)
        return
    _Inherited.call, _Inherited.things = call, things
    with multiprocessing.get_context("fork").Pool(min(jobs, len(things)), _begin) as pool:
        yield from pool.imap(_call, range(len(things)), chunksize=chunk)


def can_fork() -> bool:
    """Whether work can be done in forked processes: on Linux, and not while a cluster does it."""
    backend, _ = get_active_backend()
    return sys.platform.startswith("linux") and type(backend).__name__ in LOCAL


class _Inherited:
    call: Callable[[Any], Any]
    things: Sequence[Any]


def _begin() -> None:
    # Whatever asks for more processes in here does its work in this one, as it should.
    warnings.filterwarnings("ignore", message="Loky-backed parallel loops cannot be called")


def _call(place: int) -> Any:
    return _Inherited.call(_Inherited.things[place])
