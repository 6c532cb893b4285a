"""Test effects that arrive over several years (T-LAG), and how late they arrive.

The responses g_0 ... g_L of `analysis.design.lags`, each and in sums, by PB-REML as in `steps`. The
mean lag m = sum l g_l / sum g_l is a ratio; its set of values not rejected at alpha inverts, for
each m, the calibrated two-sided test of sum (l - m) g_l = 0, as Fieller does with Student's t
(1954, J. R. Stat. Soc. B 16, 175-185, doi:10.1111/j.2517-6161.1954.tb00159.x). Where the whole
effect is not told from zero, the set is open: nothing can be said about when it arrives.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.store import LawShelf
from analysis.calibration.terms import TermsTest, p_of_rows, unrejected
from analysis.calibration.tested import TermReading
from analysis.design.lags import LAG
from analysis.errors import DesignError

FloatArray = NDArray[np.float64]
MEAN_LAG_STEP = 0.05


@dataclass(frozen=True, eq=False)
class LagsReading:
    """How much arrives, and when.

    Attributes:
        whole: Sum of all responses.
        at_once: Response of lag 0.
        later: Sum of the responses of lag 1 on.
        by_lag: Index lag; estimate, std_error, conf_low and conf_high at 1 - alpha, p_value
            (two-sided).
        mean_lag: In years.
        mean_lag_set: Lowest and highest mean lag not rejected, sought from a year before the first
            lag to a year after the last; infinite where open, nan if all are rejected.
        alpha: Level of the set.
    """

    whole: TermReading
    at_once: TermReading
    later: TermReading
    by_lag: pd.DataFrame
    mean_lag: float
    mean_lag_set: tuple[float, float]
    alpha: float

    @property
    def lag_known(self) -> bool:
        """Whether the data bound the mean lag on both sides."""
        return bool(np.isfinite(self.mean_lag_set).all())

    def to_frame(self) -> pd.DataFrame:
        """One row a lag."""
        return self.by_lag.copy()

    def to_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        sums = {name: asdict(getattr(self, name)) for name in ("whole", "at_once", "later")}
        return sums | {
            "by_lag": self.by_lag.to_dict(orient="index"),
            "mean_lag": self.mean_lag,
            "mean_lag_set": self.mean_lag_set,
            "lag_known": self.lag_known,
            "alpha": self.alpha,
        }


def read_lags(
    test: TermsTest, shelf: LawShelf, *, alternative: str = "greater", alpha: float = 0.05
) -> LagsReading:
    """Read the responses of a `step_lags_design` or `exposure_lags_design`.

    Args:
        test: From `calibrate_terms`.
        shelf: That of the test.
        alternative: Of the sums; single lags and the mean lag are two-sided.
        alpha: Level.

    Raises:
        DesignError: The design has no lags.
    """
    names = [term for term in test.design.terms if term.startswith(LAG)]
    if not names:
        raise DesignError(f"{test.design.name} is not laid out with lags.")
    sums = {
        term: test.read(term, alternative=alternative, alpha=alpha)
        for term in ("whole", "at_once", "later")
    }
    readings = [test.read(name, alpha=alpha) for name in names]
    by_lag = pd.DataFrame(
        {
            "estimate": [row.estimate for row in readings],
            "std_error": [row.std_error for row in readings],
            "conf_low": [row.wide[0] for row in readings],
            "conf_high": [row.wide[1] for row in readings],
            "p_value": [row.p_value for row in readings],
        },
        index=pd.RangeIndex(len(names), name="lag"),
    )
    responses = by_lag["estimate"].to_numpy(dtype=float)
    return LagsReading(
        **sums,
        by_lag=by_lag,
        mean_lag=float(np.arange(len(names)) @ responses / responses.sum()),
        mean_lag_set=_mean_lag_set(test, shelf, names, alpha),
        alpha=alpha,
    )


def _mean_lag_set(
    test: TermsTest, shelf: LawShelf, names: list[str], alpha: float
) -> tuple[float, float]:
    lags = np.arange(len(names))
    candidates = np.linspace(-1, len(names), round((len(names) + 1) / MEAN_LAG_STEP) + 1)
    single = test.design.contrasts[[test.design.terms.index(name) for name in names]]
    p = p_of_rows(test, (lags[None, :] - candidates[:, None]) @ single, shelf)
    return unrejected(candidates, p, alpha)
