"""Compare the step at one date with the steps that any other date would show.

|t| of a step at the declared onset is ranked among |t| at every onset that leaves enough values on
either side (Abadie, Diamond & Hainmueller 2015, Am. J. Polit. Sci. 59, 495-510,
doi:10.1111/ajps.12116, call it the in-time placebo). With 25 years there are 16 such dates, so that
p is never below .06: a description, not a test. It is given for the REML t with AR(1) errors and,
for comparison, for the least-squares t.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import DesignError
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.layout import Layout
from analysis.kernel.usual import ols_statistics

FloatArray = NDArray[np.float64]
EACH_SIDE = 5
TREND_POWERS = {"none": 0, "linear": 1, "quadratic": 2}
SLACK = 1e-9


@dataclass(frozen=True, eq=False)
class PlaceboDates:
    """|t| of a step at every admissible date.

    Attributes:
        onset: The declared one.
        table: Index onset; reml and ols, |t| of a step there.
        p_reml: Share of dates whose REML |t| is at least the declared one's.
        p_ols: The same of the least-squares |t|.
    """

    onset: int
    table: pd.DataFrame
    p_reml: float
    p_ols: float

    @property
    def smallest_p(self) -> float:
        return 1 / len(self.table)

    def to_frame(self) -> pd.DataFrame:
        """A copy of the table, one row a date."""
        return self.table.copy()

    def to_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        return {
            "onset": self.onset,
            "p_reml": self.p_reml,
            "p_ols": self.p_ols,
            "smallest_p": self.smallest_p,
            "dates": self.table.to_dict(orient="index"),
        }


def compare_dates(
    series: pd.Series, onset: int, *, trend: str = "linear", name: str = ""
) -> PlaceboDates:
    """Rank the step at `onset` among the steps at all dates with five values on either side.

    Args:
        series: Transformed outcome by year; missing years are absent or nan.
        onset: First year counted as after.
        trend: "none", "linear" or "quadratic".
        name: What the series is called in messages.

    Raises:
        DesignError: Fewer than five values lie on one side of the onset.
    """
    if trend not in TREND_POWERS:
        raise DesignError(f"{trend} is no trend; there are {', '.join(TREND_POWERS)}.")
    given = series.dropna().sort_index()
    years = given.index.to_numpy(dtype=np.int64)
    values = given.to_numpy(dtype=float)[None, :]
    before, after = int((years < onset).sum()), int((years >= onset).sum())
    if min(before, after) < EACH_SIDE:
        raise DesignError(
            f"{name or series.name} has {before} values before {onset} and {after} from then on; "
            f"{EACH_SIDE} on either side are needed."
        )
    # Each later year is a date of its own; an onset in a gap is that of the next value.
    dates = years[EACH_SIDE : len(years) - EACH_SIDE + 1]
    table = pd.DataFrame(
        [_both_t(values, _regressors(years, int(date), trend), years) for date in dates],
        columns=["reml", "ols"],
        index=pd.Index(dates, name="onset"),
    )
    declared = int(years[years >= onset][0])
    return PlaceboDates(
        onset=onset,
        table=table,
        p_reml=_share(table["reml"], declared),
        p_ols=_share(table["ols"], declared),
    )


def _regressors(years: NDArray[np.int64], onset: int, trend: str) -> FloatArray:
    decades = (years - years.mean()) / 10
    powers = [decades**power for power in range(TREND_POWERS[trend] + 1)]
    return np.column_stack([(years >= onset).astype(float), *powers])


def _both_t(
    values: FloatArray, regressors: FloatArray, years: NDArray[np.int64]
) -> tuple[float, float]:
    row = np.eye(1, regressors.shape[1])
    reml = fit_ar1(values, Layout(years, regressors), row).statistics[0, 0]
    ols = ols_statistics(values, regressors, row)[0, 0]
    return abs(float(reml)), abs(float(ols))


def _share(t: pd.Series, declared: int) -> float:
    bound = float(t.loc[declared])
    return float((t >= bound - SLACK * max(1.0, bound)).mean())
