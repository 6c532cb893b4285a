"""Measure how often an ascending order is found: around smooth curves, and where steps are.

In every simulated series all five means are fitted, rho and kappa of the steps are estimated anew,
and each step is read against the critical value at these estimates. An order is found where the
steps have the lowest AICc and each of them reaches its critical value.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.curves import fit_curves
from analysis.calibration.law import simulate_errors
from analysis.calibration.order import Contest
from analysis.calibration.reach import monte_carlo_error, reach_of_steps
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import LawShelf, layout_key
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OrderRates:
    """Shares of series of one world.

    Attributes:
        steps_win: Steps have the lowest AICc.
        each_found: Every step is found by its own test.
        both: Both, which is what the claim needs.
    """

    steps_win: float
    each_found: float
    both: float


@dataclass(frozen=True, slots=True)
class OrderMeasured:
    """How often an order is found on this design.

    Attributes:
        series: Simulated series behind each share.
        smooth: Rates around a straight line and the curves fitted to the series, by world.
        one_step: Rates where only the step estimated largest is there.
        at_smallest: Rates where every step has the smallest effect of interest.
        at_claim: Rates where every step has the claimed effect.
    """

    series: int
    smooth: Mapping[str, OrderRates]
    one_step: OrderRates
    at_smallest: OrderRates
    at_claim: OrderRates

    @property
    def worst_size(self) -> float:
        """Largest rate at which an order is found that is not there."""
        return max(rates.both for rates in (*self.smooth.values(), self.one_step))

    @property
    def mc_error(self) -> float:
        return monte_carlo_error(0.05, self.series)

    def to_dict(self) -> dict[str, object]:
        return asdict(self)

    def to_frame(self) -> pd.DataFrame:
        """Rates, one row a world."""
        rows = {
            **self.smooth,
            "one_step": self.one_step,
            "at_smallest": self.at_smallest,
            "at_claim": self.at_claim,
        }
        return pd.DataFrame({name: asdict(each) for name, each in rows.items()}).T.rename_axis(
            "world"
        )


def measure_order(
    test: StepsTest,
    shelf: LawShelf,
    *,
    smallest_effect: float,
    claimed_effect: float,
    alternative: str = "greater",
    alpha: float = 0.05,
    series: int = 4_000,
) -> OrderMeasured:
    """Measure the rates of `judge_order` on the very years and onsets.

    Args:
        test: From `calibrate_steps`, its design with a linear trend.
        shelf: Null laws and seed.
        smallest_effect: Of every step, in the transformed outcome, positive.
        claimed_effect: The same as the claim words it.
        alternative: "greater" or "less".
        alpha: Level of each step.
        series: Simulated series behind each share.
    """
    design, sign = test.design, -1.0 if alternative == "less" else 1.0
    stream = f"order:{layout_key(design.layout)}"
    errors = simulate_errors(
        design.layout,
        rho=test.rho,
        kappa=test.kappa,
        seed=shelf.seed,
        stream=stream,
        series=series,
    )
    steps = (design.years[:, None] >= np.array(list(design.onsets.values()))).astype(float)
    estimates = test.fit.estimates[0, : len(design.onsets)]
    largest = int(np.argmax(sign * estimates))

    def rates(drawn: FloatArray) -> OrderRates:
        return _rates(drawn, test, alternative, alpha)

    def staircase(effect: float) -> OrderRates:
        return rates(errors + sign * test.in_first_sd(effect) * steps.sum(axis=1))

    curves = fit_curves(design.years, design.series.to_numpy(dtype=float), shelf)
    around = {
        name: curve.draw(
            kappa=test.kappa,
            onset=design.first_onset,
            seed=shelf.seed,
            stream=f"{stream}:{name}",
            series=series,
        )
        for name, curve in curves.items()
    }
    alone = test.in_first_sd(float(estimates[largest])) * steps[:, largest]
    return OrderMeasured(
        series=series,
        smooth={"line": rates(errors), **{name: rates(drawn) for name, drawn in around.items()}},
        one_step=rates(errors + alone),
        at_smallest=staircase(smallest_effect),
        at_claim=staircase(claimed_effect),
    )


def _rates(drawn: FloatArray, test: StepsTest, alternative: str, alpha: float) -> OrderRates:
    design = test.design
    won = Contest.of(design).steps_win(drawn)
    with one_thread():  # products split over threads would round differently
        fits = fit_ar1(drawn, design.layout, design.contrasts, design.joint)
    each = np.ones(len(drawn), dtype=bool)
    for contrast in range(len(design.onsets)):
        reach = reach_of_steps(
            fits, test.law, contrast=contrast, alternative=alternative, alpha=alpha
        )
        each &= reach.statistics >= reach.critical
    return OrderRates(float(won.mean()), float(each.mean()), float((won & each).mean()))
