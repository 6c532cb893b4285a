"""Show that an effect is too small to matter: two one-sided tests.

The hypothesis that the effect lies outside (low, high) is rejected at alpha when both one-sided
tests reject, which is when the 1 - 2 alpha interval lies inside (Schuirmann 1987, J.
Pharmacokinetics and Biopharmaceutics 15, 657-680, doi:10.1007/BF01068419; Lakens 2017, Soc. Psych.
Pers. Sci. 8, 355-362, doi:10.1177/1948550617697177). Beside Student's t, for readers and for
agreement with others, stands the form that counts here: the law of t simulated on the design at
the median-unbiased (rho, kappa), as in `steps`, which the bounds do not change.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from analysis.calibration.null_law import NullLaw
from analysis.calibration.steps import StepsTest
from analysis.errors import DesignError, UsageError
from analysis.kernel.ar1 import Fits
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Two one-sided tests of one effect.

    Attributes:
        name: The effect.
        estimate: In the unit of the bounds.
        bounds: Largest effects that do not matter, below and above.
        p_low: Of the effect being `bounds[0]` or less.
        p_high: Of the effect being `bounds[1]` or more.
        interval: At 1 - 2 alpha.
        alpha: Level.
    """

    name: str
    estimate: float
    bounds: tuple[float, float]
    p_low: float
    p_high: float
    interval: tuple[float, float]
    alpha: float

    @property
    def p_value(self) -> float:
        """The larger of the two."""
        return max(self.p_low, self.p_high)

    @property
    def equivalent(self) -> bool:
        """Whether both tests reject at alpha."""
        return self.p_value <= self.alpha

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([self.to_dict()]).set_index("name")

    def to_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        return asdict(self) | {"p_value": self.p_value, "equivalent": self.equivalent}


def calibrate_equivalence(
    test: StepsTest, term: str, bounds: tuple[float, float], *, alpha: float = 0.05
) -> Equivalence:
    """Two one-sided tests of a step or the total against the law simulated on its design.

    Args:
        test: From `calibrate_steps`.
        term: A juncture or "total".
        bounds: In the unit of the transformed outcome, the first below the second.
        alpha: Level of each one-sided test.

    Raises:
        DesignError: The term is "joint", whose F has no direction.
        UsageError: There is no such term, or the bounds are out of order.
    """
    if term == "joint":
        raise DesignError("Equivalence is about one step or the total; the joint F has no bounds.")
    if term not in test.design.terms:
        raise UsageError(
            f'{test.design.name} has no term "{term}"; its terms are '
            f"{join_words(test.design.terms)}."
        )
    _check_bounds(bounds)
    contrast = test.design.terms.index(term)
    estimate = float(test.fit.estimates[0, contrast])
    std_error = float(test.fit.std_errors[0, contrast])
    return Equivalence(
        name=f"{term} in {test.design.name}",
        estimate=estimate,
        bounds=bounds,
        p_low=_one_sided((estimate - bounds[0]) / std_error, test, contrast),
        p_high=_one_sided((bounds[1] - estimate) / std_error, test, contrast),
        interval=test.read(term, alpha=alpha).narrow,
        alpha=alpha,
    )


def student_equivalence(
    estimate: float,
    std_error: float,
    df: float,
    bounds: tuple[float, float],
    *,
    name: str = "",
    alpha: float = 0.05,
) -> Equivalence:
    """Two one-sided t tests from an estimate, its standard error and degrees of freedom.

    >>> student_equivalence(0.0, 1.0, 10, (-2.0, 2.0)).p_value.__round__(4)
    0.0367
    """
    _check_bounds(bounds)
    margin = float(stats.t.isf(alpha, df)) * std_error
    return Equivalence(
        name=name,
        estimate=estimate,
        bounds=bounds,
        p_low=float(stats.t.sf((estimate - bounds[0]) / std_error, df)),
        p_high=float(stats.t.cdf((estimate - bounds[1]) / std_error, df)),
        interval=(estimate - margin, estimate + margin),
        alpha=alpha,
    )


def welch_equivalence(
    first: FloatArray, second: FloatArray, bounds: tuple[float, float], *, alpha: float = 0.05
) -> Equivalence:
    """Two one-sided Welch tests of mean of `second` less mean of `first`, independent values."""
    parts = [values.var(ddof=1) / len(values) for values in (first, second)]
    spare = [
        part**2 / (len(values) - 1) for part, values in zip(parts, (first, second), strict=True)
    ]
    return student_equivalence(
        float(second.mean() - first.mean()),
        float(np.sqrt(sum(parts))),
        float(sum(parts) ** 2 / sum(spare)),
        bounds,
        name="difference of means",
        alpha=alpha,
    )


def equivalent_share(
    fits: Fits,
    law: NullLaw,
    *,
    contrast: int,
    effect: float,
    bounds: tuple[float, float],
    alpha: float,
) -> float:
    """Share of simulated series with this effect that are found equivalent.

    Args:
        fits: Null fits of the design, from `simulate_fits`.
        law: Its null law, against which each series is read at its own (rho, kappa).
        contrast: Position of the term.
        effect: True effect, in units of the innovation sd before the onset; at a bound, the
            share is the rate of error.
        bounds: In the same unit.
        alpha: Level of each one-sided test.
    """
    critical = law.critical(2 * alpha, contrast, law.place(fits))
    estimates, errors = fits.estimates[:, contrast] + effect, fits.std_errors[:, contrast]
    above = (estimates - bounds[0]) / errors >= critical
    below = (estimates - bounds[1]) / errors <= -critical
    return float((above & below).mean())


def two_sample_power(effect: float, n_each: int, *, sd: float = 1.0, alpha: float = 0.05) -> float:
    """Power of the two-sided two-sample t test with independent values, exact.

    As R's `power.t.test(strict = FALSE)`: the tail on the wrong side is not counted.
    """
    df = 2 * n_each - 2
    shift = effect / sd * np.sqrt(n_each / 2)
    return float(stats.nct.sf(stats.t.isf(alpha / 2, df), df, shift))


def two_sample_detectable(
    n_each: int, *, power: float = 0.8, sd: float = 1.0, alpha: float = 0.05
) -> float:
    """Difference that the same test finds with the power asked."""

    def short(effect: float) -> float:
        return two_sample_power(effect, n_each, sd=sd, alpha=alpha) - power

    return float(optimize.brentq(short, 1e-6 * sd, 100 * sd, xtol=1e-12 * sd))


def _one_sided(statistic: float, test: StepsTest, contrast: int) -> float:
    """P(t* >= t), half of that of |t*|: the law is symmetric, and so is the interval."""
    half = float(test.two_sided_p(contrast, np.array([statistic]))[0]) / 2
    return half if statistic >= 0 else 1 - half


def _check_bounds(bounds: tuple[float, float]) -> None:
    if not bounds[0] < bounds[1]:
        raise UsageError(
            f"The bounds of equivalence are {bounds[0]:g} and {bounds[1]:g}; "
            "the first must be the smaller."
        )
