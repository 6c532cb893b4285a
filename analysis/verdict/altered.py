"""Read a decided test in altered outcomes, whatever its design, in the claimed direction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.break_date_test import ExpectedDateTest
from analysis.calibration.date_set_test import DateSetTest
from analysis.calibration.gap import GapTest
from analysis.calibration.inner_regression import regression_of
from analysis.calibration.order_test import OrderTest
from analysis.calibration.ratio_test import RatioTest
from analysis.calibration.readings import Readings, read_outcomes
from analysis.calibration.reread import reread
from analysis.calibration.steps import StepsTest
from analysis.errors import DesignError
from analysis.panel.transform import transform_series
from analysis.verdict.trial import Trial

FloatArray = NDArray[np.float64]
OWN_SIZE = (DateSetTest, ExpectedDateTest, OrderTest, RatioTest)  # p of an effect of S is their own
STEPWISE = ("steps", "lags")  # designs of one series whose effect is a contrast of one regression


class Seen(Protocol):
    """One term in m outcomes, all in the claimed direction; see `reread.Rereadings`."""

    @property
    def estimate(self) -> FloatArray: ...
    @property
    def p_value(self) -> FloatArray: ...
    @property
    def wide(self) -> FloatArray: ...
    @property
    def narrow(self) -> FloatArray: ...
    @property
    def marginal_sd(self) -> FloatArray: ...
    @property
    def smallest_sd(self) -> FloatArray: ...

    def p_below(self, bounds: FloatArray) -> FloatArray:
        """p of an effect of `bounds` or more in each outcome, shape (m,)."""


@dataclass(frozen=True, eq=False)
class Told:
    """What `readings` tell."""

    estimate: FloatArray
    p_value: FloatArray
    wide: FloatArray
    narrow: FloatArray
    marginal_sd: FloatArray
    smallest_sd: FloatArray
    below: Callable[[FloatArray], FloatArray] | None

    @classmethod
    def of(cls, readings: Readings, alternative: str, *, guarded: bool) -> "Told":
        """Turn readings; with `guarded` the maximised p decides."""
        rows = np.arange(len(readings.p_values))
        p = np.maximum(readings.p_values, readings.maximised(rows)) if guarded else None
        less = alternative == "less"
        ends = np.sort(-readings.narrow if less else readings.narrow, axis=0)
        end = np.where(readings.beyond, -1.0, 1.0)  # of which only the sign is known
        return cls(
            estimate=-readings.estimates if less else readings.estimates,
            p_value=readings.p_values if p is None else p,
            wide=np.column_stack([np.full(len(end), np.nan), end]),
            narrow=ends.T,
            marginal_sd=readings.marginal_sd,
            smallest_sd=readings.smallest_sd(rows),
            below=readings.p_below,
        )

    def p_below(self, bounds: FloatArray) -> FloatArray:
        assert self.below is not None  # as `can_be_altered` has made sure
        return self.below(bounds)


def see_altered(trial: Trial, altered: list[pd.Series], *, guarded: bool) -> tuple[Seen, list[int]]:
    """Read a trial in altered outcomes, and say which of them have a transform.

    Args:
        trial: One for which `can_be_altered` holds.
        altered: Outcomes as observed, by the years of the trial.
        guarded: Whether the maximised p decides.

    Raises:
        DesignError: None of them has a transform.
    """
    rows, places = [], []
    for place, outcome in enumerate(altered):
        try:
            rows.append(_row(trial, outcome))
        except DesignError:
            continue
        places.append(place)
    if not rows:
        raise DesignError("No altered outcome has a transform.")
    asked = (trial.term, np.stack(rows))
    how = {"alternative": trial.hypothesis.alternative, "alpha": trial.hypothesis.alpha}
    if isinstance(trial.test, StepsTest) and not guarded:
        return reread(trial.test, *asked, **how), places  # type: ignore[arg-type]
    readings = read_outcomes(trial.test, *asked, **how)  # type: ignore[arg-type]
    assert readings is not None  # as `can_be_altered` has made sure
    return Told.of(readings, trial.hypothesis.alternative, guarded=guarded), places


def can_be_altered(trial: Trial) -> bool:
    """Whether the outcome of a trial is one series that can be altered and read again."""
    test = trial.test
    if not len(trial.raw) or own_row(trial) is None:
        return False
    if isinstance(test, GapTest) and test.simulator is not None:
        return False
    # A claim with a direction falls by its size too, which not every design reads in this way.
    directed = trial.hypothesis.alternative != "two-sided"
    return trial.term in test.terms and not (directed and isinstance(test, OWN_SIZE))


def own_row(trial: Trial) -> FloatArray | None:
    """What the test read, on its years; None where that is not one transformed outcome."""
    test = trial.test
    if isinstance(test, StepsTest):
        stepwise = trial.hypothesis.design in STEPWISE
        return test.design.series.to_numpy(dtype=float) if stepwise else None
    if isinstance(test, DateSetTest):
        return np.asarray(test.design.values, dtype=float)
    if isinstance(test, ExpectedDateTest):
        return test.found.design.series.to_numpy(dtype=float)
    if isinstance(test, RatioTest):
        counts = test.rates.measured_in == "rate ratio"
        return trial.raw.to_numpy(dtype=float) if counts else None
    regression = regression_of(test)
    return None if regression is None else regression.design.series.to_numpy(dtype=float)


def _row(trial: Trial, outcome: pd.Series) -> FloatArray:
    """The altered outcome as the test reads it: what it read, moved as the transform moves."""
    read = own_row(trial)
    assert read is not None
    if isinstance(trial.test, RatioTest):
        return outcome.to_numpy(dtype=float)
    transform = trial.hypothesis.transform
    before, after = (transform_series(each, transform) for each in (trial.raw, outcome))
    moved: FloatArray = read + (after - before).to_numpy(dtype=float)
    return moved
