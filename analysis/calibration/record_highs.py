"""Test whether records are more frequent than among exchangeable values.

With the values in order, the k-th is a record with probability 1/k, independently of the others
(Foster & Stuart 1954, J. R. Stat. Soc. B 16, 1-22, doi:10.1111/j.2517-6161.1954.tb00143.x). The
number of records from a juncture on is compared with its exact law, given only how many values came
before. d, highs less lows over all values, is Foster & Stuart's test of a trend.

Ties are no records. The law assumes that the order of the values tells nothing: autocorrelated
series and series with a trend have records without any juncture. `measure_records` says how often.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import DesignError
from analysis.kernel.record_law import difference_law, record_highs, record_law
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
HIGHEST_P = 0.05
ROUNDING = 1e-12
RHOS = (0.0, 0.3, 0.6, 0.8)
TREND = 3.0  # marginal sds over the whole series


@dataclass(frozen=True, slots=True)
class RecordReading:
    """What the records say.

    Attributes:
        records: Places of the records from `since` on, by the index of the series.
        values: Values from `since` on.
        expected: Records expected among them.
        p_value: Exact probability of as many records among them.
        smallest_p: Smallest p that this number of values can give.
        difference: Highs less lows over all values.
        p_difference: Exact probability of a difference as large.
    """

    records: tuple[int, ...]
    values: int
    expected: float
    p_value: float
    smallest_p: float
    difference: int
    p_difference: float

    def to_dict(self) -> dict[str, object]:
        return asdict(self)

    def to_frame(self) -> pd.DataFrame:
        """Records and difference with their p, one row each."""
        rows = {
            "records": (float(len(self.records)), self.expected, self.p_value),
            "difference": (float(self.difference), 0.0, self.p_difference),
        }
        columns = ["count", "expected", "p_value"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("test")


def count_records(
    series: pd.Series, since: int, *, name: str = "", alternative: str = "greater"
) -> RecordReading:
    """Compare the records from `since` on with the law of exchangeable values.

    Args:
        series: Values by year or number, each one observation; missing ones are left out.
        since: First year or number after the juncture.
        name: What the series is called in messages.
        alternative: "greater" for record highs, "less" for record lows.

    Raises:
        DesignError: So few values come before or after that no p of 5 % can be reached.

    >>> sizes = pd.Series([3, 1, 2, 5, 6, 8, 9], index=range(2009, 2016))
    >>> round(count_records(sizes, 2012).p_value, 9)  # 1/4 1/5 1/6 1/7
    0.001190476
    """
    label = name or str(series.name)
    if alternative not in ("greater", "less"):
        raise DesignError(f"{alternative} is no alternative; there are greater, less.")
    given = series.dropna().sort_index()
    places = 1 + np.flatnonzero(given.index.to_numpy() >= since)
    places = places[places > 1]
    if not len(places):
        raise DesignError(f"{label} has no value from {since} on that others came before.")
    law = record_law(places)
    if law[-1] > HIGHEST_P:
        raise DesignError(
            f"{label} has {places[0] - 1} values before {since} and {len(places)} from then on: "
            f"were all of these records, p would be {law[-1]:.3f}, above {HIGHEST_P:g}."
        )
    values = given.to_numpy(dtype=float)[None, :] * (-1.0 if alternative == "less" else 1.0)
    highs, lows = record_highs(values)[0], record_highs(-values)[0]
    found = highs & (given.index.to_numpy() >= since)
    difference = int(highs.sum() - lows.sum())
    differences = difference_law(range(2, len(given) + 1))
    return RecordReading(
        records=tuple(int(each) for each in given.index[found]),
        values=len(places),
        expected=float((1 / places).sum()),
        p_value=_at_least(law, int(found.sum())),
        smallest_p=float(law[-1]),
        difference=difference,
        p_difference=_at_least(differences, difference + len(given) - 1),
    )


def measure_records(
    values: int, before: int, *, seed: int, alpha: float = 0.05, series: int = 10_000
) -> pd.DataFrame:
    """How often series without a juncture have too many records, one row a world.

    Args:
        values: Length of the series.
        before: Values before the juncture.
        seed: Of all draws.
        alpha: Level.
        series: Simulated series behind each rate.
    """
    years = np.arange(values, dtype=np.int64)
    normals = standard_normals(seed, f"records:{values}", 0, series, values)
    law = record_law(range(before + 1, values + 1) if before else range(2, values + 1))
    tail = np.cumsum(law[::-1])[::-1]
    rows = {}
    for rho in RHOS:
        errors = ar1_errors(normals, years, rho, 1.0, None)
        for trend in (0.0, TREND):
            slope = trend * years / (values - 1) / np.sqrt(1 - rho**2)
            counted = record_highs(errors + slope)[:, before:].sum(axis=1)
            rows[rho, trend] = float((tail[counted] <= alpha + ROUNDING).mean())
    index = pd.MultiIndex.from_tuples(rows, names=["rho", "trend"])
    return pd.DataFrame({"rate": list(rows.values())}, index=index)


def _at_least(law: FloatArray, number: int) -> float:
    return float(law[number:].sum())
