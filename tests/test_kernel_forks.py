"""Work is done in other processes where it can be, and comes back in order."""

import os

import pytest
from joblib import parallel_config

from analysis.kernel.forks import can_fork, side_by_side


def test_results_come_in_the_order_of_the_things():
    offset = 10

    assert list(side_by_side(lambda n: n + offset, range(7), jobs=3, chunk=2)) == [*range(10, 17)]


def test_the_work_is_done_by_other_processes():
    if not can_fork():
        pytest.fail("this suite runs where processes can be forked")
    workers = set(side_by_side(lambda _: os.getpid(), range(20), jobs=2))

    assert os.getpid() not in workers
    assert set(side_by_side(lambda _: os.getpid(), range(20), jobs=1)) == {os.getpid()}


def test_an_error_in_a_process_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(lambda n: 1 // n, [1, 0], jobs=2))


def test_nothing_is_forked_while_a_cluster_does_the_work():
    class Dask:
        """Stands for the backend of a cluster."""

    with parallel_config("threading"):
        assert can_fork()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("analysis.kernel.forks.get_active_backend", lambda: (Dask(), 2))
        assert not can_fork()
        assert set(side_by_side(lambda _: os.getpid(), range(4), jobs=2)) == {os.getpid()}
