"""Measure size, power and detectable effect of a panel test on its own panel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.calibration.panel_world import PanelLaw
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.tested import Measured, Question
from analysis.kernel.dyad_grid import GridFits

FloatArray = NDArray[np.float64]
FOUND = 0.8
HALVINGS = 40


def measure_panel(
    law: PanelLaw,
    question: Question,
    *,
    contrast: int,
    change: float,
    base: FloatArray,
    at: tuple[float, float],
    ends: tuple[float, float],
    seed: int,
    series: int,
) -> Measured:
    """Count rates with rho and share estimated anew in each simulated outcome.

    Args:
        law: Of the panel.
        question: What is asked; effects are those of a rise of the exposure by `change`.
        contrast: Place of the term.
        change: Rise of the exposure.
        base: Draws of t at (rho, share) that p is ranked in.
        at: (rho, share).
        ends: Interval of rho.
        seed: Of these outcomes, apart from those behind p.
        series: Outcomes at each of the three places.
    """
    rho, share = at

    def simulate(value: float) -> _Found:
        fits = law.world.fits(value, share, f"panel rates {seed}", series)
        return _Found(law, fits, contrast, change, base, at)

    here = simulate(rho)
    rate = here.rate(question.alternative, question.alpha)
    size_ends = [
        rate if end == rho else simulate(end).rate(question.alternative, question.alpha)
        for end in ends
    ]
    sign = -1.0 if question.alternative == "less" else 1.0

    def power(effect: float) -> float:
        return here.rate(question.alternative, question.alpha, sign * effect)

    claimed = sign * question.claimed_effect
    return Measured(
        series=series,
        size=rate,
        size_mc_error=monte_carlo_error(rate, series),
        size_ends=(size_ends[0], size_ends[1]),
        coverage=1 - here.rate("two-sided", question.alpha),
        power=power(question.smallest_effect),
        power_at_claim=power(question.claimed_effect),
        power_rule=here.rate(
            question.alternative,
            question.strict_alpha,
            claimed,
            at_least=question.smallest_effect / 2,
        ),
        detectable=_detectable(power, float(np.median(here.std_errors))),
        usual=_usual(here.fits, contrast, question, law.world.grid.n_states),
    )


class _Found:
    """Estimates in simulated outcomes and the law their p is read in."""

    def __init__(
        self,
        law: PanelLaw,
        fits: GridFits,
        contrast: int,
        change: float,
        base: FloatArray,
        at: tuple[float, float],
    ) -> None:
        rho, share = law.unbiased(fits.rho, fits.share)
        here = law.critical_at(contrast, np.array([at[0]]), np.array([at[1]]))[0]
        self.fits = fits
        self.ratios = here / law.critical_at(contrast, rho, share)
        self.estimates = fits.estimates[:, contrast] * change
        self.std_errors = fits.std_errors[:, contrast] * change
        self.base = np.sort(base)

    def rate(
        self, alternative: str, alpha: float, effect: float = 0.0, *, at_least: float = 0.0
    ) -> float:
        """Share of outcomes with this effect in which p is alpha or less."""
        estimates = self.estimates + effect
        p = self._p(estimates / self.std_errors * self.ratios, alternative)
        signed = -estimates if alternative == "less" else estimates
        if alternative == "two-sided":
            signed = np.abs(estimates)
        reached = signed >= at_least if at_least > 0 else np.ones(len(p), dtype=bool)
        return float(((p <= alpha) & reached).mean())

    def _p(self, statistics: FloatArray, alternative: str) -> FloatArray:
        """The rank of `simulated_p`, in all at once."""
        count = len(self.base)
        sizes = np.sort(np.abs(self.base))
        reached = {
            "greater": lambda t: count - np.searchsorted(self.base, t, side="left"),
            "less": lambda t: np.searchsorted(self.base, t, side="right"),
            "two-sided": lambda t: count - np.searchsorted(sizes, np.abs(t), side="left"),
        }[alternative](statistics)
        return np.asarray((1 + reached) / (1 + count))


def _detectable(power: object, std_error: float) -> float:
    """The effect found four times in five, by halving."""
    assert callable(power)
    low, high = 0.0, 2 * std_error
    while power(high) < FOUND:
        low, high = high, 2 * high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle) >= FOUND else (middle, high)
    return high


def _usual(fits: GridFits, contrast: int, question: Question, n_states: int) -> dict[str, float]:
    """False-positive rates of the tests in use, read by t; a negative variance is no finding."""
    shown = {
        "least_squares": (fits.plain, np.inf),
        "clustered_by_dyad": (fits.clustered, fits.scale.shape[1] - 1),
        "dyadic": (fits.dyadic, n_states - 1),
    }
    rates = {}
    for name, (errors, df) in shown.items():
        t = np.nan_to_num(fits.estimates[:, contrast] / errors[:, contrast])
        sided = {"greater": t, "less": -t, "two-sided": np.abs(t)}[question.alternative]
        tail = question.alpha / (2 if question.alternative == "two-sided" else 1)
        rates[name] = float((sided >= stats.t.isf(tail, df)).mean())
    return rates
