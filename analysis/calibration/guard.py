"""Read one term with its measured size beside it, and with the p that decides where size fails.

Three p-values of one statistic, ever more careful about rho:

* p_value, cautiously read and ranked (`law`);
* p_double, p at the median-unbiased (rho, kappa) ranked twice (`double`);
* p_maximised, the largest over the interval of rho, plus .01 (Dufour 2006; Berger & Boos 1994).

The first decides where its size, counted at the estimated pair and at the ends of the interval of
rho, is at most .075 and rho is at most .5; elsewhere the maximised one does.

For a bend of the trend in 2012, at 5 % in 1998-2022, in 10,000 series (maximised: 2,000), measured
when p_value was read at the median-unbiased pair and not ranked; now it is .046, .053 and .062 at
rho .6, .8 and .9, two-sided .054 and .065 at .8 and .9 (`reports/size/others.csv` has all)::

    rho                                        0     .3     .6     .8     .9
    one-sided size    p_value               .051   .054   .061   .070   .080
                      p_double              .049   .050   .053   .057   .065
                      p_maximised           .033   .019   .021   .027   .034
                      p_deciding            .057   .058   .059   .056   .055
    power at 3 sd     p_double              .683   .461   .298   .255   .285
                      p_deciding            .708   .482   .271   .226   .282
    two-sided size    p_value               .053   .056   .070   .090   .104
                      p_double              .051   .051   .059   .071   .080
                      p_maximised           .029   .021   .019   .027   .039
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.double import DoubleLaw, simulate_double
from analysis.calibration.law import simulate_fits
from analysis.calibration.measure import Gauge
from analysis.calibration.null_law import NullLaw, Place
from analysis.calibration.steps import BERGER_BOOS, MAXIMISED_OVER, StepsTest
from analysis.calibration.store import layout_key
from analysis.calibration.tested import Measured, Question, TermReading
from analysis.kernel.ar1 import Fits

FloatArray = NDArray[np.float64]
HIGHEST_SIZE = 0.075
HIGH_RHO = 0.5


@dataclass(frozen=True, eq=False)
class GuardedReading:
    """One term of one series: estimate, p-values, and how often they err on this design.

    Attributes:
        name: The series.
        term: What is asked.
        alternative: "greater", "less" or "two-sided".
        alpha: Level.
        rho: Median-unbiased autocorrelation.
        rho_interval: Every rho not rejected at 5 %.
        reading: Estimate, intervals and p-values.
        p_double: p of the plain law, ranked twice.
        measured: Size, power and detectable effect of `reading.p_value`.
        double_sizes: Size of `p_double` at the estimated pair and at both ends of the interval.
    """

    name: str
    term: str
    alternative: str
    alpha: float
    rho: float
    rho_interval: tuple[float, float]
    reading: TermReading
    p_double: float
    measured: Measured
    double_sizes: tuple[float, float, float]

    @property
    def guarded(self) -> bool:
        """Whether the maximised p decides."""
        return self.measured.worst_size > HIGHEST_SIZE or self.rho > HIGH_RHO

    @property
    def p_deciding(self) -> float:
        """The p that a verdict may use."""
        return self.reading.p_maximised if self.guarded else self.reading.p_value

    def to_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        facts = {"name": self.name, "term": self.term, "alternative": self.alternative}
        numbers = {
            "alpha": self.alpha,
            "rho": self.rho,
            "rho_interval": self.rho_interval,
            "p_double": self.p_double,
            "p_deciding": self.p_deciding,
            "guarded": self.guarded,
            "double_sizes": self.double_sizes,
        }
        return facts | asdict(self.reading) | numbers | {"measured": self.measured.to_dict()}

    def to_frame(self) -> pd.DataFrame:
        """One row a kind of p: p, size at the estimated pair, largest size in the interval."""
        plain, double = self.measured, self.double_sizes
        rows = {
            "p_value": (self.reading.p_value, plain.size, plain.worst_size),
            "p_double": (self.p_double, double[0], max(double)),
            "p_maximised": (self.reading.p_maximised, np.nan, np.nan),
        }
        columns = ["p", "size", "worst_size"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("kind")


def read_guarded(
    test: StepsTest,
    term: str,
    gauge: Gauge,
    *,
    alternative: str = "greater",
    alpha: float = 0.05,
    smallest_effect: float | None = None,
    claimed_effect: float | None = None,
) -> GuardedReading:
    """Read a term with everything that is known about the errors of its test.

    Args:
        test: From `calibrate_steps` or `calibrate_terms`.
        term: One of its terms.
        gauge: Measures size and power; its shelf must be that of the test.
        alternative: "greater", "less" or "two-sided".
        alpha: Level.
        smallest_effect: S, in the unit of the transformed outcome; one marginal sd if None.
        claimed_effect: The claimed size; S if None.
    """
    smallest = test.marginal_sd if smallest_effect is None else smallest_effect
    question = Question(
        term=term,
        alternative=alternative,
        alpha=alpha,
        strict_alpha=alpha,
        smallest_effect=smallest,
        claimed_effect=smallest if claimed_effect is None else claimed_effect,
    )
    double = simulate_double(test, term, gauge.shelf)
    ends = (test.rho, *test.rho_interval)
    sizes = [_double_size(test, double, gauge, rho, alternative, alpha) for rho in ends]
    return GuardedReading(
        name=test.design.name,
        term=term,
        alternative=alternative,
        alpha=alpha,
        rho=test.rho,
        rho_interval=test.rho_interval,
        reading=test.read(term, alternative=alternative, alpha=alpha),
        p_double=float(double.p_values(test.fit, alternative)[0]),
        measured=gauge.measure(test, question),
        double_sizes=(sizes[0], sizes[1], sizes[2]),
    )


def maximised_p_values(
    law: NullLaw, contrast: int, fits: Fits, alternative: str, *, effect: float = 0.0
) -> FloatArray:
    """Largest p of each fit over its own interval of rho, plus `BERGER_BOOS`, shape (m,).

    To count how often the maximised p errs; `StepsTest.read` gives that of one series.
    """
    _, log_kappa = law.unbias(fits)
    intervals = [
        law.rho_interval(float(rho), float(kappa))
        for rho, kappa in zip(fits.rho, log_kappa, strict=True)
    ]
    low, high = np.arctanh(np.array(intervals)).T
    t = (fits.estimates[:, contrast] + effect) / fits.std_errors[:, contrast]
    claimed = {"two-sided": np.abs(t), "greater": t, "less": -t}[alternative]
    worst = np.zeros(len(t))
    for share in np.linspace(0, 1, MAXIMISED_OVER):
        there = Place(low + share * (high - low), log_kappa)
        worst = np.maximum(worst, law.first.exceedance(claimed, contrast, there))
    largest: FloatArray = np.minimum(1.0, (1 + (alternative == "two-sided")) * worst + BERGER_BOOS)
    return largest


def _double_size(
    test: StepsTest, double: DoubleLaw, gauge: Gauge, rho: float, alternative: str, alpha: float
) -> float:
    layout = test.design.layout
    fits = simulate_fits(
        layout,
        test.design.contrasts,
        test.design.joint,
        rho=rho,
        kappa=test.kappa,
        seed=gauge.shelf.seed,
        stream=f"reach:{layout_key(layout)}",
        series=gauge.series,
    )
    return float((double.p_values(fits, alternative) <= alpha).mean())
