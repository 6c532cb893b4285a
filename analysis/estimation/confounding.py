"""How strong an unobserved confounder would have to be to explain an estimate away.

Robustness value and benchmark bounds: Cinelli & Hazlett (2020), "Making sense of sensitivity:
extending omitted variable bias", J. R. Stat. Soc. B 82, 39-67, doi:10.1111/rssb.12348. Delta and
bias-adjusted beta: Oster (2019), "Unobservable selection and coefficient stability", J. Bus. Econ.
Stat. 37, 187-204, doi:10.1080/07350015.2016.1227711, the unrestricted solution. Both are about
least squares with its usual errors; panels enter with their effects taken out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.errors import DesignError, EstimationError, UsageError
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
REAL = 1e-8  # imaginary part, relative to the root, below which a root of the cubic is real


@dataclass(frozen=True, slots=True)
class Robustness:
    """Sensitivity of one coefficient to an omitted variable.

    Attributes:
        estimate: The coefficient.
        std_error: Its usual standard error.
        df: Residual degrees of freedom.
        partial_r2: Of the outcome by the exposure, given the controls.
        value: A confounder that explains this share of what is left of both exposure and outcome
            brings the estimate to (1 - q) of itself.
        value_at_alpha: The same for the estimate to be no longer significant at alpha.
        q: Share of the estimate to be explained away.
        alpha: Level.
    """

    estimate: float
    std_error: float
    df: float
    partial_r2: float
    value: float
    value_at_alpha: float
    q: float
    alpha: float

    def to_dict(self) -> dict[str, float]:
        return asdict(self)

    def to_frame(self) -> pd.DataFrame:
        """One row."""
        return pd.DataFrame([self.to_dict()])


@dataclass(frozen=True, slots=True)
class Bound:
    """The estimate beside a confounder so many times as strong as an observed control.

    Attributes:
        benchmark: The control.
        times: How many times as strong, with exposure and with outcome.
        r2_exposure: Largest partial R2 of such a confounder with the exposure.
        r2_outcome: Largest partial R2 with the outcome.
        estimate: Adjusted towards zero.
        std_error: Adjusted.
        statistic: t of the adjusted estimate.
    """

    benchmark: str
    times: float
    r2_exposure: float
    r2_outcome: float
    estimate: float
    std_error: float
    statistic: float


@dataclass(frozen=True, slots=True)
class Proportional:
    """Oster's comparison of what controls do with what unobserved variables might do.

    Attributes:
        delta: How strongly selected on the unobserved, relative to the observed, variables must be
            for the effect to be `target`.
        beta: Effect if they are equally selected (delta = 1); nan without a real solution.
        others: Further real solutions of the cubic for `beta`.
        estimate: With controls.
        without: Without controls.
        r2: With controls.
        r2_without: Without controls.
        r2_most: R2 if everything were observed.
        target: Effect that delta is about.
    """

    delta: float
    beta: float
    others: tuple[float, ...]
    estimate: float
    without: float
    r2: float
    r2_without: float
    r2_most: float
    target: float


def robustness(
    estimate: float, std_error: float, df: float, *, q: float = 1.0, alpha: float = 0.05
) -> Robustness:
    """Robustness values of a coefficient from its estimate, standard error and df.

    Raises:
        UsageError: q or alpha is out of range, or the standard error is not positive.

    >>> found = robustness(0.097, 0.0232, 783)
    >>> round(found.value, 3), round(found.value_at_alpha, 3), round(found.partial_r2, 3)
    (0.139, 0.076, 0.022)
    """
    if not (std_error > 0 and df > 1):
        raise UsageError("A robustness value needs a positive standard error and df above 1.")
    if not (q > 0 and 0 < alpha < 1):
        raise UsageError(
            f"q is {q:g} and alpha {alpha:g}; q must be positive, alpha within 0 to 1."
        )
    f = abs(estimate / std_error) / np.sqrt(df)
    critical = float(stats.t.isf(alpha / 2, df - 1)) / np.sqrt(df - 1)
    return Robustness(
        estimate=estimate,
        std_error=std_error,
        df=df,
        partial_r2=float(f * f / (1 + f * f)),
        value=_robustness_value(q * f, 0.0),
        value_at_alpha=_robustness_value(q * f, critical),
        q=q,
        alpha=alpha,
    )


def bound_by_benchmark(
    estimate: float,
    std_error: float,
    df: float,
    *,
    r2_exposure: float,
    r2_outcome: float,
    benchmark: str = "benchmark",
    times: Sequence[float] = (1.0, 2.0, 3.0),
) -> tuple[Bound, ...]:
    """Adjust an estimate for confounders as strong as, or stronger than, an observed control.

    Args:
        estimate: Of the exposure, with all controls.
        std_error: Its usual standard error.
        df: Residual degrees of freedom.
        r2_exposure: Partial R2 of the control with the exposure, given the other controls.
        r2_outcome: Partial R2 of the control with the outcome, given exposure and controls.
        benchmark: Its name.
        times: How many times as strong.

    Raises:
        DesignError: A confounder so strong would explain more than everything.
    """
    return tuple(
        _bound(estimate, std_error, df, r2_exposure, r2_outcome, benchmark, k) for k in times
    )


def benchmark_bounds(
    outcome: FloatArray,
    exposure: FloatArray,
    controls: FloatArray,
    names: Sequence[str],
    *,
    benchmarks: Sequence[str] = (),
    times: Sequence[float] = (1.0, 2.0, 3.0),
    absorbed: int = 1,
) -> tuple[Robustness, tuple[Bound, ...]]:
    """Robustness value and bounds of an exposure, from the data.

    Args:
        outcome: Shape (n,), effects (at least the mean) taken out.
        exposure: Likewise.
        controls: Likewise, shape (n, k).
        names: Of the controls.
        benchmarks: Controls to compare with; all if none is named.
        times: How many times as strong.
        absorbed: Degrees of freedom of what was taken out.

    Raises:
        UsageError: A benchmark is no control.
    """
    for name in benchmarks:
        if name not in names:
            raise UsageError(f'"{name}" is no control; the controls are {join_words(names)}.')
    x = np.column_stack([exposure, controls])
    estimates, errors, df = _least_squares(outcome, x, absorbed)
    own = estimates[0], errors[0], df
    with_exposure = [estimates[j + 1] / errors[j + 1] for j in range(len(names))]
    theirs, their_errors, their_df = _least_squares(exposure, controls, absorbed)
    bounds: list[Bound] = []
    for name in benchmarks or names:
        j = list(names).index(name)
        bounds += bound_by_benchmark(
            *own,
            r2_exposure=_partial_r2(theirs[j] / their_errors[j], their_df),
            r2_outcome=_partial_r2(with_exposure[j], df),
            benchmark=name,
            times=times,
        )
    return robustness(*own), tuple(bounds)


def proportional_selection(
    outcome: FloatArray,
    exposure: FloatArray,
    controls: FloatArray,
    *,
    r2_most: float | None = None,
    target: float = 0.0,
    delta: float = 1.0,
) -> Proportional:
    """Oster's delta for an effect of `target`, and the effect at `delta`.

    Args:
        outcome: Shape (n,).
        exposure: Shape (n,).
        controls: Shape (n, k).
        r2_most: R2 if everything were observed; None for 1.3 times that with controls, at most 1.
        target: Effect that delta is worked out for.
        delta: Selection on the unobserved relative to the observed.

    Raises:
        DesignError: `r2_most` is not above the R2 with controls, or controls leave nothing.
    """
    y, x, w = (each - each.mean(axis=0) for each in (outcome, exposure, controls))
    without, r2_without = _slope(y, x[:, None])
    estimate, r2 = _slope(y, np.column_stack([x, w]))
    most = min(1.0, 1.3 * r2) if r2_most is None else r2_most
    if not r2 < most <= 1:
        raise DesignError(
            f"The R2 if everything were observed is {most:g}; it must lie above {r2:.3g}, which "
            "the controls explain, and be 1 or less."
        )
    left = x - w @ np.linalg.lstsq(w, x)[0]
    n = len(y)
    var_y, var_x, var_left = (float(v @ v) / (n - 1) for v in (y, x, left))
    if var_left <= 1e-12 * var_x:
        raise DesignError("The controls hold all there is of the exposure.")
    gain, spare, shift = r2 - r2_without, most - r2, without - estimate
    # Numerator and denominator of delta as polynomials in u = estimate - effect.
    top = np.array(
        [
            var_left * var_x - var_left**2,
            2 * var_left * shift * var_x,
            gain * var_y * var_left + var_x * var_left * shift**2,
            0.0,
        ]
    )
    bottom = np.array(
        [
            var_left * var_x - var_left**2,
            var_left * shift * var_x,
            spare * var_y * (var_x - var_left),
            spare * var_y * shift * var_x,
        ]
    )
    u = estimate - target
    roots = np.roots(top - delta * bottom)
    real = roots.real[np.abs(roots.imag) <= REAL * np.maximum(np.abs(roots), 1e-300)]
    solutions = sorted((estimate - root for root in real), key=lambda b: abs(b - estimate))
    return Proportional(
        delta=float(np.polyval(top, u) / np.polyval(bottom, u)),
        beta=float(solutions[0]) if solutions else float("nan"),
        others=tuple(float(b) for b in solutions[1:]),
        estimate=estimate,
        without=without,
        r2=r2,
        r2_without=r2_without,
        r2_most=most,
        target=target,
    )


def _robustness_value(f: float, critical: float) -> float:
    if f <= critical:
        return 0.0
    over = f - critical
    if critical > 0 and f > 1 / critical:
        return float((f * f - critical * critical) / (1 + f * f))
    return float(0.5 * (np.sqrt(over**4 + 4 * over**2) - over**2))


def _bound(
    estimate: float,
    std_error: float,
    df: float,
    r2_exposure: float,
    r2_outcome: float,
    benchmark: str,
    times: float,
) -> Bound:
    r2dz = times * r2_exposure / (1 - r2_exposure)
    if r2dz >= 1:
        raise DesignError(
            f"A confounder {times:g} times as strong as {benchmark} would explain more of the "
            "exposure than there is; ask for fewer times."
        )
    r2zx = times * r2_exposure**2 / ((1 - times * r2_exposure) * (1 - r2_exposure))
    shape = (np.sqrt(times) + np.sqrt(r2zx)) / np.sqrt(1 - r2zx) if r2zx < 1 else np.inf
    r2yz = min(1.0, float(shape**2 * r2_outcome / (1 - r2_outcome)))
    bias = std_error * np.sqrt(df) * np.sqrt(r2yz * r2dz / (1 - r2dz))
    adjusted = float(np.sign(estimate) * (abs(estimate) - bias))
    error = float(std_error * np.sqrt((1 - r2yz) / (1 - r2dz)) * np.sqrt(df / (df - 1)))
    statistic = adjusted / error if error > 0 else float(np.sign(adjusted) * np.inf)
    return Bound(benchmark, times, r2dz, r2yz, adjusted, error, statistic)


def _partial_r2(statistic: float, df: float) -> float:
    return float(statistic**2 / (statistic**2 + df))


def _least_squares(
    y: FloatArray, x: FloatArray, absorbed: int
) -> tuple[FloatArray, FloatArray, float]:
    """Coefficients, usual standard errors and residual degrees of freedom."""
    df = len(y) - x.shape[1] - absorbed
    if np.linalg.matrix_rank(x) < x.shape[1] or df < 2:
        raise EstimationError("Exposure and controls are collinear, or there are too few rows.")
    estimates = np.linalg.lstsq(x, y)[0]
    left = y - x @ estimates
    errors = np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * (left @ left) / df)
    return np.asarray(estimates), np.asarray(errors), float(df)


def _slope(y: FloatArray, x: FloatArray) -> tuple[float, float]:
    """First coefficient and R2 of columns with mean 0."""
    estimates = np.linalg.lstsq(x, y)[0]
    left = y - x @ estimates
    return float(estimates[0]), float(1 - left @ left / (y @ y))
