"""Lay out the gap between one treated unit and its donors as a yearly series with dated steps.

    g_t = y_1t - sum_j w_j y_jt,    w_j >= 0,  sum w = 1

"mean" gives every donor the same weight. "synthetic" chooses the weights that bring the donors
closest to the treated unit in the years before the first onset (Abadie, Diamond & Hainmueller
2010, J. Am. Stat. Assoc. 105, 493-505, doi:10.1198/jasa.2009.ap08746, on outcomes alone);
"demeaned" does so after taking each unit's mean before the onset off (Doudchenko & Imbens 2016,
doi:10.3386/w22791; Ferman & Pinto 2021, Quantitative Economics 12, 1197-1221, doi:10.3982/QE1596).
"detrended" takes off each unit's straight line before the onset, so that a treated unit with a
trend of its own is not matched with donors that happened to drift its way and then did not. What
moves all units alike is no part of the gap; its steps are tested as those of any series.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.design.steps import MIN_BEFORE, StepsDesign, steps_design
from analysis.errors import DesignError, UsageError
from analysis.kernel.synthetic import OWN_LINE, weigh_donors
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
WEIGHTINGS = ("mean", "demeaned", "detrended", "synthetic")
KNOW_THE_TREND = ("demeaned", "synthetic")  # donors that drifted its way are preferred
MIN_PLACEBOS = 19  # with fewer the smallest p of a rank, 1/(J + 1), lies above .05
EXACT = 1e-6  # gaps before the onset this small against the outcome's sd are none


@dataclass(frozen=True, eq=False)
class GapDesign:
    """One treated unit, its donors, their weights, and the steps of the gap between them.

    Attributes:
        unit: The treated unit.
        treated: Transformed outcome by year, shape (n,).
        donors: The same of each donor, one column each, shape (n, J).
        weighting: "mean", "demeaned", "detrended" or "synthetic".
        steps: The gap with its steps and trend.
        dropped: Donors left out because they lack some of the years.
    """

    unit: str
    treated: pd.Series
    donors: pd.DataFrame
    weighting: str
    steps: StepsDesign
    dropped: tuple[str, ...]

    @cached_property
    def weights(self) -> pd.Series:
        """Weight of each donor."""
        found = self.weigh(self.treated.to_numpy(dtype=float)[None, :])[0]
        return pd.Series(found, index=self.donors.columns, name="weight")

    @cached_property
    def counterfactual(self) -> pd.Series:
        """The weighted donors, by year; raised to its level before unless they match that."""
        weighted = self.treated - self.steps.series
        if self.weighting not in OWN_LINE:
            return weighted.rename("donors")
        lift = float(self.steps.series[self.before].mean())
        return (weighted + lift).rename("donors")

    @property
    def before(self) -> NDArray[np.bool_]:
        """Which years lie before the first onset, shape (n,)."""
        return self.steps.years < self.steps.first_onset

    @cached_property
    def guard(self) -> "GapDesign | None":
        """The gap to detrended weights, if these weights know the treated unit's own trend.

        Raises:
            DesignError: So weighted, donors reproduce the treated unit before the onset.
        """
        if self.weighting not in KNOW_THE_TREND:
            return None
        guard = replace(self, weighting="detrended")
        own = self.treated.to_numpy(dtype=float)[None, :]
        gap = pd.Series(guard.gaps_of(own)[0], self.treated.index, name=self.steps.series.name)
        steps = replace(self.steps, series=gap)
        _check_gap(self.steps.name.removeprefix("gap of "), steps, self.treated, "detrended")
        return replace(guard, steps=steps)

    def weigh(self, targets: FloatArray) -> FloatArray:
        """Weights of the donors for each series in place of the treated one, shape (m, J)."""
        return weigh_donors(targets, self.donors.to_numpy(dtype=float), self.before, self.weighting)

    def gaps_of(self, targets: FloatArray) -> FloatArray:
        """The gap of each series, with weights of its own, shape (m, n)."""
        gaps: FloatArray = targets - self.weigh(targets) @ self.donors.to_numpy(dtype=float).T
        return gaps

    @property
    def weighting_in_words(self) -> str:
        """How donors were weighted, worded for a table note."""
        many = f"{self.donors.shape[1]} donors"
        if self.weighting == "mean":
            return f"gap to the mean of {many}"
        before = self.steps.years[self.before]
        kind = f"{self.weighting} " if self.weighting in OWN_LINE else ""
        return f"gap to a {kind}synthetic control of {many}, weighted on {before[0]}-{before[-1]}"


def gap_design(
    treated: pd.Series,
    donors: pd.DataFrame,
    onsets: Mapping[str, int],
    *,
    unit: str,
    outcome: str = "",
    weighting: str = "mean",
    trend: str = "linear",
    controls: pd.DataFrame | None = None,
    error_model: str = "ar1",
) -> GapDesign:
    """Lay out the gap of `treated` to `donors`, or say why it cannot be.

    The years are those in which the treated unit has a value, less those at either end in which
    most donors have none. Donors without a value in some of these years are left out and named.

    Args:
        treated: Transformed outcome by year; missing years are absent or nan.
        donors: The same of each donor, one column each.
        onsets: First year counted as after, by juncture.
        unit: What the treated unit is called.
        outcome: What the outcome is called in messages.
        weighting: "mean", "demeaned", "detrended" or "synthetic".
        trend: Of the gap: "none", "linear" or "quadratic".
        controls: Further regressors of the gap by year.
        error_model: "ar1" or "ar1-constant".

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: There is no such weighting.
    """
    if weighting not in WEIGHTINGS:
        raise UsageError(
            f'There is no weighting "{weighting}"; known are {join_words(WEIGHTINGS)}.'
        )
    name = f"{outcome or treated.name} of {unit}"
    _check_donors(donors, unit)
    given = _common_years(treated.dropna().sort_index(), donors, onsets, name)
    whole = donors.reindex(given.index)
    complete = whole.columns[whole.notna().all()]
    dropped = tuple(str(donor) for donor in whole.columns if donor not in complete)
    _check_enough(name, complete, dropped, given, weighting)
    kept = whole[complete].astype(float)
    onset = min(onsets.values()) if onsets else int(given.index[-1]) + 1
    before = given.index.to_numpy() < onset
    if weighting != "mean":
        _check_before(name, before)
    values = kept.to_numpy(dtype=float)
    weights = weigh_donors(given.to_numpy(dtype=float)[None, :], values, before, weighting)[0]
    gap = (given - values @ weights).rename(f"gap of {name}")
    steps = steps_design(
        gap, onsets, name=str(gap.name), trend=trend, controls=controls, error_model=error_model
    )
    kept_years = steps.series.index  # controls can cost years
    if weighting != "mean":
        _check_gap(name, steps, given.loc[kept_years], weighting)
    return GapDesign(unit, given.loc[kept_years], kept.loc[kept_years], weighting, steps, dropped)


def _check_donors(donors: pd.DataFrame, unit: str) -> None:
    names = [str(name) for name in donors.columns]
    if not names:
        raise DesignError(f"There is no comparison unit with which {unit} could be compared.")
    if unit in names:
        raise DesignError(f"{unit} is the treated unit and cannot be compared with itself.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DesignError(f"{join_words(twice)} stands more than once among the comparison units.")


def _common_years(
    given: pd.Series, donors: pd.DataFrame, onsets: Mapping[str, int], name: str
) -> pd.Series:
    if given.empty:
        raise DesignError(f"There are no data: {name} has no value in the period.")
    having = donors.dropna(axis="columns", how="all").reindex(given.index).notna()
    if having.shape[1] == 0:
        raise DesignError(f"There are no data: no donor of {name} has a value in the period.")
    most = np.flatnonzero((having.mean(axis=1) >= 0.5).to_numpy())
    if not len(most):
        raise DesignError(f"There is no year in which {name} and most of its donors have values.")
    common = given.iloc[most[0] : most[-1] + 1]
    first, last = int(common.index[0]), int(common.index[-1])
    for juncture, onset in onsets.items():
        if not first < onset <= last and given.index[0] < onset <= given.index[-1]:
            raise DesignError(
                f"Most donors of {name} have values from {first} to {last} only; the onset of "
                f"{juncture}, {onset}, lies outside."
            )
    return common


def _check_enough(
    name: str, complete: pd.Index, dropped: tuple[str, ...], given: pd.Series, weighting: str
) -> None:
    needed = 1 if weighting == "mean" else 2
    if len(complete) >= needed:
        return
    lacking = f"; {join_words(dropped)} lack values in some of them" if dropped else ""
    raise DesignError(
        f"{len(complete)} donors have a value in each of the {len(given)} years of {name} from "
        f"{given.index[0]} to {given.index[-1]}; the weighting {weighting} needs {needed}{lacking}."
    )


def _check_before(name: str, before: NDArray[np.bool_]) -> None:
    if before.sum() < MIN_BEFORE:
        raise DesignError(
            f"{name} has {int(before.sum())} values before the first onset; {MIN_BEFORE} are "
            "needed to weight its donors."
        )


def _check_gap(name: str, steps: StepsDesign, treated: pd.Series, weighting: str) -> None:
    """A gap that is zero by construction says nothing of what the later gap would have been."""
    before = steps.years < steps.first_onset
    gap, years = steps.series.to_numpy(dtype=float)[before], steps.years[before]
    # Detrended weights leave a line free, the others a level.
    free = np.vander(years - years.mean(), 2 if weighting == "detrended" else 1)
    left = gap - free @ np.linalg.lstsq(free, gap)[0]
    if np.sqrt(np.mean(left**2)) <= EXACT * float(treated.std()):
        raise DesignError(
            f"The donors reproduce {name} before {steps.first_onset} without error; with so many "
            "donors for so few years the gap afterwards cannot be judged. Use the weighting mean."
        )
