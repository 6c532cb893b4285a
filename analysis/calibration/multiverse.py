"""Ask along every declared path at once, with a p that knows how alike the paths are.

Each path is one defensible way to lay out the same claim: other dates, years, transform, source,
trend, controls or error model. The paths share one series, so that their p-values are no
independent votes. The joint p is therefore simulated: series in which the claim's effect is absent
are drawn once, with the autocorrelation and variance ratio of the main path, and every path is
refitted in each of them. The statistic is the median over paths of the REML t in the claimed
direction (Simonsohn, Simmons & Nelson 2020, Nature Human Behaviour 4, 1208-1214,
doi:10.1038/s41562-020-0912-z, for specification curves and their joint tests; here the null keeps
the order of the years, where theirs shuffles them).

A path with another transform sees the simulated series taken back to the outcome's own unit; one
with another source or with comparison units sees it with the observed difference added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.law import simulate_errors
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import layout_key
from analysis.calibration.terms import null_space
from analysis.design.steps import StepsDesign
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.layout import Layout
from analysis.panel.transform import find_transform

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
DRAWS = 999
MAIN = "main"
NOTHING_LEFT = 1e-9  # share of the largest value of a series
SMALLEST_SHARE = 1e-3  # of the smallest positive value, where a simulated one has no logarithm


@dataclass(frozen=True, eq=False)
class Path:
    """One way to lay out the claim.

    Attributes:
        name: What it changes, in words; `MAIN` for the main one.
        changes: Keys it changes, with the values as words.
        design: The series and its regressors.
        term: Position of the claim's term among the contrasts.
        transform: Of the outcome.
    """

    name: str
    changes: Mapping[str, str]
    design: StepsDesign
    term: int
    transform: str


@dataclass(frozen=True, eq=False)
class Multiverse:
    """All paths of one claim.

    Attributes:
        table: One row a path: what it changes, estimate (in marginal sds of its own errors, in the
            claimed direction), t, and p of that path in the shared null series.
        joint_statistic: Median t over the paths.
        joint_p: Share of null series whose median t is at least as large.
        draws: Null series.
        refused: Paths that cannot be laid out, with the reason.
    """

    table: pd.DataFrame
    joint_statistic: float
    joint_p: float
    draws: int
    refused: Mapping[str, str]

    @property
    def same_sign(self) -> float:
        """Share of paths with the claimed sign."""
        return float((self.table["estimate"] > 0).mean())

    def found(self, alpha: float) -> float:
        """Share of paths with p of at most alpha."""
        return float((self.table["p_value"] <= alpha).mean())

    def to_frame(self) -> pd.DataFrame:
        """One row a path, in the order of their estimates."""
        return self.table.sort_values("estimate", kind="stable")


def ask_all_paths(
    main: StepsTest,
    paths: Sequence[Path],
    raw: pd.Series,
    *,
    alternative: str,
    seed: int,
    draws: int = DRAWS,
    refused: Mapping[str, str] | None = None,
) -> Multiverse:
    """Fit every path to the series and to null series drawn for all of them.

    Args:
        main: The calibrated main path; `paths[0]` is its layout.
        paths: The main one first.
        raw: The outcome of the main path as observed, by year.
        alternative: "greater", "less", or "two-sided", which counts absolute t.
        seed: Of the null series.
        draws: How many.
        refused: Paths left out, with the reason.
    """
    null = _Null.of(main, paths, raw)
    drawn = null.draw(seed, draws)
    sign = -1.0 if alternative == "less" else 1.0
    rows, observed, simulated = [], [], []
    for path in paths:
        layout, row = path.design.layout, path.design.contrasts[[path.term]]
        own = path.design.series.to_numpy(dtype=float)[None, :]
        every = np.concatenate([own, null.seen_by(path, drawn)])
        fit = fit_ar1(every, layout, row)
        t = np.where(_is_straight(every, layout), 0.0, sign * fit.statistics[:, 0])
        t = np.abs(t) if alternative == "two-sided" else t
        observed.append(t[0])
        simulated.append(t[1:])
        rows.append(
            {
                "path": path.name,
                **path.changes,
                "estimate": sign * float(fit.estimates[0, 0] / fit.marginal_sd[0]),
                "t": float(t[0]),
                "p_value": float((1 + (t[1:] >= t[0]).sum()) / (1 + draws)),
                "n_obs": layout.n_obs,
            }
        )
    median = float(np.median(observed))
    null_medians = np.median(np.stack(simulated), axis=0)
    return Multiverse(
        table=pd.DataFrame(rows).fillna("").set_index("path"),
        joint_statistic=median,
        joint_p=float((1 + (null_medians >= median).sum()) / (1 + draws)),
        draws=draws,
        refused=dict(refused or {}),
    )


@dataclass(frozen=True, eq=False)
class _Null:
    """The series without the claim's effect, on all years that any path uses.

    Attributes:
        years: Of all paths, shape (n,).
        mean: Fitted without the effect, main transform, shape (n,).
        scale: Innovation sd before the first onset.
        main: The calibrated main path.
        transform: Its transform.
        raw: Outcome as observed; nan where it is not.
    """

    years: IntArray
    mean: FloatArray
    scale: float
    main: StepsTest
    transform: str
    raw: FloatArray

    @classmethod
    def of(cls, main: StepsTest, paths: Sequence[Path], raw: pd.Series) -> "_Null":
        years = np.unique(np.concatenate([path.design.years for path in paths]))
        mean = _mean_without(main, paths[0].term)
        return cls(
            years=years,
            mean=_extend(main.years, mean, years),
            scale=main.from_first_sd(1.0),
            main=main,
            transform=paths[0].transform,
            raw=raw.reindex(years).to_numpy(dtype=float),
        )

    def draw(self, seed: int, draws: int) -> FloatArray:
        """Null series on the main transform, shape (draws, n)."""
        own = self.main.design.layout
        layout = Layout(self.years, np.ones((len(self.years), 1)), own.onset)
        errors = simulate_errors(
            layout,
            rho=self.main.rho,
            kappa=self.main.kappa,
            seed=seed,
            stream=f"multiverse:{layout_key(own)}",
            series=draws,
        )
        drawn: FloatArray = self.mean + self.scale * errors
        return drawn

    def seen_by(self, path: Path, drawn: FloatArray) -> FloatArray:
        """The null series as the path sees them, shape (draws, years of the path)."""
        at = np.searchsorted(self.years, path.design.years)
        seen = drawn[:, at]
        if path.transform != self.transform:
            outcome = find_transform(self.transform).inverse(seen, self.raw)
            seen = _forward(outcome, path.transform, self.raw)
        own = path.design.series.to_numpy(dtype=float)
        main = _forward(self.raw[at], path.transform, self.raw)
        apart = np.where(np.isnan(main), 0.0, own - main)
        seen_by: FloatArray = seen + apart
        return seen_by


def _mean_without(main: StepsTest, term: int) -> FloatArray:
    """REML mean of the model in which the term is zero, shape (n,)."""
    layout = main.design.layout
    x = layout.regressors @ null_space(main.design.contrasts[[term]])
    reduced = Layout(layout.years, x, layout.onset)
    values = main.design.series.to_numpy(dtype=float)[None, :]
    beta = fit_ar1(values, reduced, np.eye(x.shape[1])).estimates[0]
    mean: FloatArray = x @ beta
    return mean


def _extend(known: IntArray, mean: FloatArray, years: IntArray) -> FloatArray:
    """The mean on more years: straight between known ones, and beyond them as at their ends."""
    inside = np.interp(years, known, mean)
    first = (mean[1] - mean[0]) / (known[1] - known[0])
    last = (mean[-1] - mean[-2]) / (known[-1] - known[-2])
    before, after = np.minimum(years - known[0], 0), np.maximum(years - known[-1], 0)
    extended: FloatArray = inside + first * before + last * after
    return extended


def _is_straight(series: FloatArray, layout: Layout) -> NDArray[np.bool_]:
    """Which series the regressors fit without error, as when a transform's border holds them all.

    What is left of them is rounding, and so would be their t.
    """
    q = layout.basis[0]
    left = np.abs(series - (series @ q) @ q.T).max(axis=1)
    straight: NDArray[np.bool_] = left <= NOTHING_LEFT * np.abs(series).max(axis=1)
    return straight


def _forward(outcome: FloatArray, transform: str, raw: FloatArray) -> FloatArray:
    """Transform simulated outcomes, those outside the domain taken to its border."""
    if transform == "standardise":
        return outcome
    positive = raw[raw > 0]
    least = SMALLEST_SHARE * float(positive.min()) if len(positive) else SMALLEST_SHARE
    borders = {
        "log": (least, np.inf),
        "log1p": (0.0, np.inf),
        "sqrt38": (0.0, np.inf),
        "logit": (SMALLEST_SHARE, 1 - SMALLEST_SHARE),
        "arcsine": (0.0, 1.0),
    }
    low, high = borders.get(transform, (-np.inf, np.inf))
    return find_transform(transform).forward(np.clip(outcome, low, high), raw)
