"""Describe whether a series wanders or drifts: shown beside a test, never deciding anything.

Unit-root tests with thirty yearly values have little power and lean on asymptotic tables, so that
none of them chooses a model here: the deciding tests hold their level from rho = 0 to close to 1.

ADF: Dickey & Fuller (1979), J. Am. Stat. Assoc. 74, 427-431, doi:10.1080/01621459.1979.10482531;
DF-GLS: Elliott, Rothenberg & Stock (1996), Econometrica 64, 813-836, doi:10.2307/2171846;
Phillips & Perron (1988), Biometrika 75, 335-346, doi:10.1093/biomet/75.2.335;
KPSS: Kwiatkowski et al. (1992), J. Econometrics 54, 159-178, doi:10.1016/0304-4076(92)90104-Y;
Mann (1945), Econometrica 13, 245-259, doi:10.2307/1907187; Sen (1968), J. Am. Stat. Assoc. 63,
1379-1389, doi:10.1080/01621459.1968.10480934; Hamed & Rao (1998), J. Hydrology 204, 182-196,
doi:10.1016/S0022-1694(97)00125-X, for what autocorrelation does to it.
"""

from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import pandas as pd
from arch.unitroot import ADF, DFGLS, KPSS, PhillipsPerron
from numpy.typing import NDArray
from scipy import stats

from analysis.calibration.law import simulate_errors
from analysis.calibration.store import LawShelf, layout_key
from analysis.errors import DesignError
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.layout import Layout
from analysis.kernel.pairs import median_slope, pair_variance, rising_pairs
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
MIN_VALUES = 15
Regression = Literal["c", "ct"]
TRENDS: dict[str, Regression] = {"none": "c", "linear": "ct"}  # a level is always allowed for
UNIT_ROOT, STATIONARY = "unit root", "stationary"


@dataclass(frozen=True, slots=True)
class RootTest:
    """One test of the order of integration.

    Attributes:
        method: Its name.
        null: What a small p speaks against: "unit root" or "stationary".
        statistic: The test statistic.
        p_value: From asymptotic tables.
        critical: 5 % critical value.
        lags: Lagged differences, or autocovariances in the long-run variance.
    """

    method: str
    null: str
    statistic: float
    p_value: float
    critical: float
    lags: int


@dataclass(frozen=True, slots=True)
class RootTests:
    """All tests of one series; they decide nothing.

    Attributes:
        name: The series.
        trend: "none" (level only) or "linear".
        n_obs: Values used.
        tests: One entry a test.
    """

    name: str
    trend: str
    n_obs: int
    tests: tuple[RootTest, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row a test."""
        return pd.DataFrame([asdict(test) for test in self.tests]).set_index("method")

    def to_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class MonotoneTrend:
    """Mann and Kendall's test of one series.

    Attributes:
        name: The series.
        n_obs: Values used.
        tau: S over the number of pairs, from -1 to 1.
        slope: Sen's median rise a year.
        rho: Autocorrelation around a line, cautiously estimated.
        p_independent: Two-sided normal p, for independent values.
        p_value: Two-sided p from AR(1) series without trend at `rho`.
        draws: Simulated series behind `p_value`.
    """

    name: str
    n_obs: int
    tau: float
    slope: float
    rho: float
    p_independent: float
    p_value: float
    draws: int

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([asdict(self)]).set_index("name")

    def to_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        return asdict(self)


def describe_unit_root(
    series: pd.Series, *, name: str = "", trend: str = "linear", lags: int = 1
) -> RootTests:
    """ADF, DF-GLS, Phillips-Perron and KPSS on one series by consecutive year.

    Args:
        series: Outcome by year, ascending.
        name: What the series is called.
        trend: "none" for a level only, "linear" for a line.
        lags: Lagged differences in ADF and DF-GLS; the other two use floor(4 (n/100)^(1/4)).

    Raises:
        DesignError: Years are missing, values are few or constant, or the trend is not known.
    """
    label = name or str(series.name)
    values = _consecutive(series, label)
    if trend not in TRENDS:
        raise DesignError(f"{trend} is no trend here; there are {join_words(tuple(TRENDS))}.")
    if not 0 <= lags <= len(values) // 4:
        raise DesignError(
            f"{lags} lags are asked for with {len(values)} values of {label}; "
            f"0 to {len(values) // 4} are possible."
        )
    kind = TRENDS[trend]
    window = int(4 * (len(values) / 100) ** 0.25)
    fitted = (
        ("ADF", UNIT_ROOT, ADF(values, lags=lags, trend=kind)),
        ("DF-GLS", UNIT_ROOT, DFGLS(values, lags=lags, trend=kind)),
        ("Phillips-Perron", UNIT_ROOT, PhillipsPerron(values, lags=window, trend=kind)),
        ("KPSS", STATIONARY, KPSS(values, lags=window, trend=kind)),
    )
    tests = tuple(
        RootTest(
            method=method,
            null=null,
            statistic=float(test.stat),
            p_value=float(test.pvalue),
            critical=float(test.critical_values["5%"]),
            lags=int(test.lags),
        )
        for method, null, test in fitted
    )
    return RootTests(label, trend, len(values), tests)


def describe_monotone_trend(
    series: pd.Series, shelf: LawShelf, *, name: str = "", draws: int = 9_999
) -> MonotoneTrend:
    """Mann-Kendall with a p that allows for AR(1) errors; missing years are left out.

    S = sum over i < j of sign(y_j - y_i). Under independence it is close to normal; with
    autocorrelation its variance is a multiple of that, so it is ranked among the S of simulated
    trendless series on the same years, at the rho at which the 15 % quantile of the estimates
    around a line is the estimate. At 5 % it was found in .021, .025, .033,
    .039, .053 and .073 of 4,000 trendless series of 25 years at rho 0, .3, .6, .8, .9 and .95
    (Mann-Kendall itself: .044, .12, .29, .46 at the first four).

    Args:
        series: Outcome by year, ascending; missing years are absent or nan.
        shelf: Null laws and seed.
        name: What the series is called.
        draws: Simulated series B; p = (1 + number of |S*| >= |S|) / (B + 1).

    Raises:
        DesignError: Values are few or constant.
    """
    label = name or str(series.name)
    given = _enough(series, label)
    values = given.to_numpy(dtype=float)
    years = given.index.to_numpy(dtype=np.int64)
    layout = Layout(years, np.column_stack([np.ones(len(years)), (years - years.mean()) / 10]))
    contrasts = np.array([[0.0, 1.0]])
    law = shelf.law(layout, contrasts, None)
    rho = float(np.tanh(law.first_place(fit_ar1(values[None, :], layout, contrasts)).rho[0]))
    score = float(rising_pairs(values[None, :])[0])
    drawn = rising_pairs(
        simulate_errors(
            layout,
            rho=rho,
            kappa=1.0,
            seed=shelf.seed,
            stream=f"monotone:{layout_key(layout)}",
            series=draws,
        )
    )
    pairs = len(values) * (len(values) - 1) / 2
    z = max(abs(score) - 1, 0.0) / np.sqrt(pair_variance(values))
    return MonotoneTrend(
        name=label,
        n_obs=len(values),
        tau=score / pairs,
        slope=median_slope(values, years),
        rho=rho,
        p_independent=float(2 * stats.norm.sf(z)),
        p_value=float((1 + (np.abs(drawn) >= abs(score)).sum()) / (draws + 1)),
        draws=draws,
    )


def _consecutive(series: pd.Series, label: str) -> FloatArray:
    given = _enough(series, label)
    years = given.index.to_numpy(dtype=np.int64)
    missing = sorted(set(range(int(years[0]), int(years[-1]) + 1)) - set(map(int, years)))
    if missing:
        raise DesignError(
            f"{label} has no value in {join_words(tuple(map(str, missing)))}; "
            "unit-root tests need every year."
        )
    return given.to_numpy(dtype=float)


def _enough(series: pd.Series, label: str) -> pd.Series:
    given = series.dropna().sort_index()
    if len(given) < MIN_VALUES:
        raise DesignError(f"{label} has {len(given)} values; a diagnostic needs {MIN_VALUES}.")
    if np.ptp(given.to_numpy(dtype=float)) == 0:
        raise DesignError(f"{label} never changes; a constant series cannot be tested.")
    return given
