"""Simulate on the workers of a Dask cluster instead of on this machine.

joblib hands the same tasks to the workers that it would hand to processes here. Every task draws
from streams of its own and keeps its products in one thread, so that the bytes are the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from joblib import parallel_config

from analysis.errors import UsageError
from analysis.version import VERSION

PATIENCE = 10  # seconds to reach the scheduler


@contextmanager
def on_cluster(address: str) -> Iterator[None]:
    """A context whose simulations run on a cluster; without an address they run here.

    Args:
        address: Address of the scheduler, such as tcp://10.0.0.5:8786; empty for none.

    Raises:
        UsageError: Dask is not installed, nobody answers at the address, or the workers are none
            or have another version of this package.
    """
    if not address:
        yield
        return
    try:
        from distributed import Client  # here: optional, and slow to import
    except ModuleNotFoundError:
        raise UsageError(
            "--cluster needs Dask, which is not installed; add it with pip install "
            "'juncture[cluster]'."
        ) from None
    try:
        client = Client(  # type: ignore[no-untyped-call]
            address, timeout=PATIENCE, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise UsageError(
            f"No Dask scheduler answers at {address} ({error}); give the address it printed when "
            "it started, such as tcp://10.0.0.5:8786."
        ) from error
    with client:
        _check_workers(client.run(_version, on_error="return"), address)
        with parallel_config("dask", client=client):
            yield


def _version() -> str:
    return VERSION


def _check_workers(versions: dict[str, object], address: str) -> None:
    if not versions:
        raise UsageError(f"The cluster at {address} has no workers; start some.")
    for worker, version in versions.items():
        if version != VERSION:
            raise UsageError(
                f"The worker {worker} cannot run juncture {VERSION} ({version}); install the same "
                "version on every worker."
            )
