"""The same bytes for any number of processes, any block size, and on a Dask cluster."""

import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from distributed import LocalCluster

from analysis.calibration.law import simulate_errors, simulate_fits, simulate_law
from analysis.calibration.size_table import null_design
from analysis.cli import app as command
from analysis.errors import UsageError
from analysis.kernel import ar1
from analysis.kernel.ar1 import Fits, fit_ar1
from analysis.kernel.layout import Layout
from analysis.replication import cluster as module
from analysis.replication.cluster import on_cluster
from analysis.replication.record import run_and_record
from tests.made_study import EXPORTS, SMALL, claim, noise, write_made_study
from tests.test_replication_record import record_bytes

DESIGN = null_design(1998)
GAPPY = np.delete(np.arange(1992, 2023), [4, 9, 10, 17, 26])  # gaps of one, two and three years
WITH_GAPS = Layout(
    GAPPY,
    np.column_stack([np.ones(26), (GAPPY - 2007) / 10, GAPPY >= 2012, GAPPY >= 2017]).astype(float),
    2012,
)
BLOCKS = (1_000, 2_000, 7_777)


def bits(fits: Fits) -> dict[str, bytes]:
    return {field.name: getattr(fits, field.name).tobytes() for field in fields(fits)}


def law_bits(jobs: int) -> list[bytes]:
    law = simulate_law(
        DESIGN.layout, DESIGN.contrasts, DESIGN.joint,
        seed=4, stream="jobs", series=60, jobs=jobs, again=40,
    )  # fmt: skip
    assert law.again is not None
    assert law.lower is not None
    quantiles = [law.medians.rho, law.medians.kappa, law.lower.rho, law.lower.kappa]
    tables = [getattr(law, f.name) for f in fields(law) if f.name not in ("medians", "lower")]
    return [table.tobytes() for table in (*quantiles, *tables)]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A scheduler on this machine with two workers, each a process."""
    with LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=":0") as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """A study of one claim."""
    return write_made_study(
        tmp_path_factory.mktemp("bytes") / "study", {EXPORTS: noise(3, step=2.0)}, [claim()]
    )


@pytest.mark.parametrize(
    ("layout", "contrasts", "joint"),
    [
        (DESIGN.layout, DESIGN.contrasts, DESIGN.joint),
        (WITH_GAPS, np.eye(4), np.eye(4)[2:]),
    ],
    ids=["every year", "gaps"],
)
def test_fits_are_the_same_to_the_bit_in_blocks_of_any_size(monkeypatch, layout, contrasts, joint):
    def fitted(size: int) -> dict[str, bytes]:
        monkeypatch.setattr(ar1, "BLOCK", size)
        return bits(
            simulate_fits(
                layout, contrasts, joint, rho=0.7, kappa=2.0, seed=3, stream="s", series=9_001
            )
        )

    whole = fitted(10_000)

    assert [fitted(size) == whole for size in BLOCKS] == [True] * len(BLOCKS)


def test_a_series_alone_is_fitted_to_the_same_bits_as_among_others():
    errors = simulate_errors(WITH_GAPS, rho=0.7, kappa=2.0, seed=3, stream="s", series=50)
    together = fit_ar1(errors, WITH_GAPS, np.eye(4), np.eye(4)[2:])

    for row in range(50):
        alone = fit_ar1(errors[[row]], WITH_GAPS, np.eye(4), np.eye(4)[2:])
        for field in fields(Fits):
            expected = getattr(together, field.name)[row]
            assert getattr(alone, field.name)[0].tobytes() == expected.tobytes(), field.name


def test_the_record_is_the_same_for_blocks_of_any_size(monkeypatch, study):
    """More draws, and series for the rates, than the smaller blocks hold."""
    effort = replace(SMALL, draws=8_999, law=2_500, reach=8_000)

    def recorded(size: int) -> dict[str, bytes]:
        monkeypatch.setattr(ar1, "BLOCK", size)
        for path in record_paths(study):
            path.unlink(missing_ok=True)
        run_and_record(study, effort=effort)
        return record_bytes(study)

    first, *others = (recorded(size) for size in BLOCKS)

    assert [other == first for other in others] == [True, True]


def record_paths(root: Path) -> list[Path]:
    return [*root.glob("reports/build/*.json")]


def test_one_two_and_four_processes_and_two_workers_give_the_same_bytes(address):
    one = law_bits(1)

    assert law_bits(2) == one
    assert law_bits(4) == one
    with on_cluster(address):
        assert law_bits(1) == one


def test_the_tasks_are_done_by_the_workers_of_the_cluster(address):
    import os

    from joblib import Parallel, delayed

    with on_cluster(address):
        processes = set(Parallel(n_jobs=1)(delayed(os.getpid)() for _ in range(40)))

    assert os.getpid() not in processes


def test_the_command_with_a_cluster_writes_the_same_record(
    address, study, tmp_path, monkeypatch, capsys
):
    run_and_record(study, effort=SMALL)
    here = record_bytes(study)
    for path in record_paths(study):
        path.unlink()
    monkeypatch.setattr(
        command, "run_and_record", lambda *a, **k: run_and_record(*a, **k, effort=SMALL)
    )
    monkeypatch.setattr(
        sys, "argv", ["juncture", "run", "--study", str(study), "--cluster", address]
    )

    with pytest.raises(SystemExit) as ended:
        command.main()

    assert ended.value.code == 0, capsys.readouterr().err
    assert record_bytes(study) == here


def test_an_address_at_which_nobody_answers_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.5)

    with (
        pytest.raises(UsageError, match=r"^No Dask scheduler answers at tcp://127\.0\.0\.1:9 "),
        on_cluster("tcp://127.0.0.1:9"),
    ):
        pass


def test_without_dask_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(UsageError, match=r"juncture\[cluster\]"), on_cluster("tcp://127.0.0.1:9"):
        pass


def test_workers_with_another_version_are_refused(address, monkeypatch):
    monkeypatch.setattr(module, "VERSION", "9.9.9")

    with (
        pytest.raises(UsageError, match=r"cannot run juncture 9\.9\.9 \(\d"),
        on_cluster(address),
    ):
        pass


def test_a_cluster_without_workers_is_refused():
    with (
        LocalCluster(n_workers=0, dashboard_address=":0", processes=False) as cluster,
        pytest.raises(UsageError, match="has no workers"),
        on_cluster(cluster.scheduler_address),
    ):
        pass
