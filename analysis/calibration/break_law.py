"""Tabulate the null law of the largest likelihood ratio over the dates of one design.

Where nothing happens the roots of the likelihood ratio depend on years, regressors and candidate
dates, on the autocorrelation rho and, where the innovation sd may change, on kappa; on nothing
else. They are simulated at the nodes that also serve dated steps, and read in the same way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from analysis.calibration.keys import key_of
from analysis.calibration.law import INTERVAL_LEVEL, KAPPA_NODES, RHO_NODES, simulate_errors
from analysis.calibration.null_law import Medians, NullLaw
from analysis.calibration.store import layout_key
from analysis.design.unknown_date import UnknownDateDesign
from analysis.errors import DesignError
from analysis.kernel.ar1 import Fits, fit_ar1
from analysis.kernel.forks import side_by_side
from analysis.kernel.ml_profile import DateFits, DateScan, scan_dates
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
ALTERNATIVES = ("two-sided", "greater", "less")
METHOD = "sup-lr-1"  # raised whenever a change of method changes simulated numbers


def largest_root(roots: FloatArray, alternative: str) -> FloatArray:
    """The root that speaks most for a step in the direction asked, shape (m,).

    >>> roots = np.array([[1.0, -3.0]])
    >>> [float(largest_root(roots, side)[0]) for side in ALTERNATIVES]
    [3.0, 1.0, 3.0]
    """
    largest: FloatArray = towards(roots, alternative).max(axis=1)
    return largest


def towards(roots: FloatArray, alternative: str) -> FloatArray:
    """Roots turned so that the largest speaks most for the alternative, shape (m, d)."""
    if alternative not in ALTERNATIVES:
        raise DesignError(f"{alternative} is no alternative; there are {', '.join(ALTERNATIVES)}.")
    if alternative == "two-sided":
        return np.abs(roots)
    return roots if alternative == "greater" else -roots


@dataclass(frozen=True, eq=False)
class Scanned:
    """Series fitted without a step and with one at each date.

    Attributes:
        reml: REML fits without a step, from which rho and kappa are read.
        dates: Likelihood-ratio roots.
    """

    reml: Fits
    dates: DateFits


def scan_series(series: FloatArray, scan: DateScan) -> Scanned:
    """Fit every series without a step by REML and with and without one by ML."""
    with one_thread():
        first = np.eye(scan.layout.n_terms)[:1]
        return Scanned(fit_ar1(series, scan.layout, first), scan_dates(series, scan))


@dataclass(frozen=True, eq=False)
class DateLaw:
    """Null laws of the largest root in one design; rho and kappa are read alike from each.

    Attributes:
        two_sided: Law whose joint statistic is the largest absolute root.
        one_sided: Law whose joint statistic is the largest root; by symmetry also of the negative.
    """

    two_sided: NullLaw
    one_sided: NullLaw

    def of(self, alternative: str) -> NullLaw:
        return self.two_sided if alternative == "two-sided" else self.one_sided


def scan_key(scan: DateScan) -> str:
    """Name a layout and its candidate dates, alike on every machine."""
    dates = ",".join(map(str, scan.onsets))
    text = f"{METHOD}|{layout_key(scan.layout)}|{dates}"
    return key_of(text)


def simulate_date_law(scan: DateScan, *, seed: int, series: int, jobs: int = 1) -> DateLaw:
    """Simulate the law of the largest root, `series` series at each node of (rho, kappa).

    The result does not depend on `jobs`.
    """
    kappas = KAPPA_NODES if scan.layout.onset is not None else np.array([1.0])
    pairs = [(rho, kappa) for rho in RHO_NODES for kappa in kappas]
    stream = f"date-law:{scan_key(scan)}"
    nodes = Parallel(n_jobs=jobs)(
        delayed(_simulate_node)(scan, rho, kappa, seed, stream, series) for rho, kappa in pairs
    )
    shape = (len(RHO_NODES), len(kappas))
    quantiles = np.stack([node["quantiles"] for node in nodes]).reshape(*shape, 5)

    def law(statistic: str) -> NullLaw:
        return NullLaw(
            rho=np.arctanh(RHO_NODES),
            kappa=np.log(kappas),
            medians=Medians(quantiles[..., 1], quantiles[..., 3]),
            rho_bounds=np.stack([quantiles[..., 0], quantiles[..., 2]]),
            sd_median=quantiles[..., 4],
            magnitudes=np.empty((*shape, 0, series)),
            joint=np.stack([node[statistic] for node in nodes]).reshape(*shape, series),
        )

    return DateLaw(two_sided=law("two-sided"), one_sided=law("greater"))


def _simulate_node(
    scan: DateScan, rho: float, kappa: float, seed: int, stream: str, series: int
) -> Mapping[str, FloatArray]:
    errors = simulate_errors(
        scan.layout, rho=rho, kappa=kappa, seed=seed, stream=stream, series=series
    )
    found = scan_series(errors, scan)
    tail = (1 - INTERVAL_LEVEL) / 2
    spread = np.quantile(np.arctanh(found.reml.rho), [tail, 0.5, 1 - tail])
    ratio = 0.0 if scan.layout.onset is None else float(np.median(np.log(found.reml.kappa)))
    return {
        "quantiles": np.append(spread, [ratio, np.median(found.reml.innovation_sd)]),
        "two-sided": np.sort(largest_root(found.dates.roots, "two-sided")),
        "greater": np.sort(largest_root(found.dates.roots, "greater")),
    }


@dataclass(frozen=True, eq=False)
class DateShelf:
    """Laws of the largest root simulated so far, and how to simulate more.

    Attributes:
        seed: Seed of every stream.
        series: Null series at each node of (rho, kappa).
        jobs: Processes; the result does not depend on it.
    """

    seed: int
    series: int = 10_000
    jobs: int = 1
    _laws: dict[str, DateLaw] = field(default_factory=dict)

    def law(self, design: UnknownDateDesign) -> DateLaw:
        """The law of this design, simulated if it is not there yet."""
        key = scan_key(design.scan)
        if key not in self._laws:
            self._laws[key] = self._simulate(design.scan, self.jobs)
        return self._laws[key]

    def fill(self, designs: Iterable[UnknownDateDesign]) -> None:
        """Simulate the laws that are not there yet, side by side."""
        scans = {scan_key(design.scan): design.scan for design in designs}
        missing = [key for key in scans if key not in self._laws]
        made = side_by_side(lambda key: self._simulate(scans[key], 1), missing, jobs=self.jobs)
        self._laws.update(zip(missing, made, strict=True))

    def _simulate(self, scan: DateScan, jobs: int) -> DateLaw:
        return simulate_date_law(scan, seed=self.seed, series=self.series, jobs=jobs)
