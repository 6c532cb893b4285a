"""Tell a staircase from a smooth rise: a contest of five means, and the steps themselves.

The means, each with AR(1) errors by maximum likelihood on the observed years::

    null        y = a + u
    trend       y = a + b t + u
    quadratic   y = a + b t + c t^2 + u
    kink        y = a + b t + c max(t - o_1 + 1, 0) + u       from the first onset o_1 on
    steps       y = a + sum_j d_j 1[t >= o_j] + u

are compared by AICc = -2 l + 2 k + 2 k (k + 1) / (n - k - 1), k counting rho and the sd (Hurvich &
Tsai 1989, Biometrika 76, 297-307, doi:10.1093/biomet/76.2.297). The claim of an ascending order
needs the steps to win the contest and every step, given a linear trend, to be found by its own
calibrated test: the largest of their one-sided p-values (intersection-union, Berger 1982,
Technometrics 24, 295-300, doi:10.2307/1267823), whose size is never above that of one step.

Jonckheere-Terpstra and the means of the regimes are shown as a description only: under a straight
trend of 3 sd JT "confirms" an order in nine of ten series.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.steps import StepsTest
from analysis.design.steps import StepsDesign
from analysis.errors import DesignError
from analysis.kernel.layout import Layout
from analysis.kernel.likelihood import ml_peaks
from analysis.kernel.orders import Ordered, rank_order
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
MODELS = ("null", "trend", "quadratic", "kink", "steps")
CLEARLY_BETTER = 2.0  # difference of AICc from which a rival counts against the claim
ALTERNATIVES = ("greater", "less")


@dataclass(frozen=True, eq=False)
class Contest:
    """The rival means laid out on the years of one design.

    Attributes:
        layouts: Years and regressors by model.
    """

    layouts: Mapping[str, Layout]

    @classmethod
    def of(cls, design: StepsDesign) -> "Contest":
        one, controls = np.ones((len(design.years), 1)), design.controls.to_numpy(dtype=float)
        t = ((design.years - design.years.mean()) / 10)[:, None]
        bend = (np.maximum(design.years - design.first_onset + 1, 0) / 10)[:, None]
        steps = design.years[:, None] >= np.array(list(design.onsets.values()))
        parts = {
            "null": [one],
            "trend": [one, t],
            "quadratic": [one, t, t * t],
            "kink": [one, t, bend],
            "steps": [one, steps.astype(float)],
        }
        return cls(
            {
                name: Layout(design.years, np.column_stack([*columns, controls]))
                for name, columns in parts.items()
            }
        )

    def log_likelihoods(self, series: FloatArray) -> FloatArray:
        """Highest log-likelihood of each series under each model, shape (m, 5)."""
        with one_thread():  # products split over threads would round differently
            fits = [ml_peaks(series, layout) for layout in self.layouts.values()]
        return np.column_stack([fit.log_likelihood for fit in fits])

    @cached_property
    def penalties(self) -> FloatArray:
        """What AICc adds to -2 l, by model, shape (5,)."""
        return np.array([_penalty(each.n_terms + 2, each.n_obs) for each in self.layouts.values()])

    def aicc(self, series: FloatArray) -> FloatArray:
        """AICc of each series under each model, shape (m, 5)."""
        aicc: FloatArray = -2 * self.log_likelihoods(series) + self.penalties
        return aicc

    def steps_win(self, series: FloatArray) -> NDArray[np.bool_]:
        """Whether AICc is lowest for the steps, shape (m,)."""
        won: NDArray[np.bool_] = self.aicc(series).argmin(axis=1) == MODELS.index("steps")
        return won


@dataclass(frozen=True, eq=False)
class OrderReading:
    """What the contest, the steps and the regimes say.

    Attributes:
        contest: Index model; log_likelihood, aicc, above (the lowest AICc), weight.
        steps: Index juncture; estimate and one-sided p_value of the step given a trend.
        regimes: Index regime ("before", then the junctures); values and mean.
        p_value: Largest p of the steps.
        jonckheere: Jonckheere-Terpstra of the regimes, a description.
    """

    contest: pd.DataFrame
    steps: pd.DataFrame
    regimes: pd.DataFrame
    p_value: float
    jonckheere: Ordered

    @property
    def winner(self) -> str:
        """The model with the lowest AICc."""
        return str(self.contest["aicc"].idxmin())

    @property
    def lead(self) -> float:
        """AICc of the best rival less that of the steps; positive if the steps win."""
        rivals = self.contest["aicc"].drop("steps")
        return float(rivals.min() - self.contest.loc["steps", "aicc"])

    @property
    def smooth_wins(self) -> bool:
        """Whether a trend or a kink is clearly better than the steps, which speaks against them."""
        smooth = self.contest["aicc"][["trend", "kink"]].min()
        return bool(self.contest.loc["steps", "aicc"] - smooth >= CLEARLY_BETTER)

    def found(self, alpha: float = 0.05) -> bool:
        """Whether the steps win and each of them is found."""
        return self.winner == "steps" and self.p_value <= alpha

    def to_frame(self) -> pd.DataFrame:
        """The contest, one row a model."""
        return self.contest.copy()

    def to_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        return {
            "contest": self.contest.to_dict(orient="index"),
            "steps": self.steps.to_dict(orient="index"),
            "regimes": self.regimes.to_dict(orient="index"),
            "p_value": self.p_value,
            "winner": self.winner,
            "lead": self.lead,
            "jonckheere": {
                "statistic": self.jonckheere.statistic,
                "p_exact": self.jonckheere.p_exact,
                "p_normal": self.jonckheere.p_normal,
            },
        }


def judge_order(test: StepsTest, *, alternative: str = "greater") -> OrderReading:
    """Read contest, steps and regimes of one calibrated series.

    Args:
        test: From `calibrate_steps`, its design with a linear trend.
        alternative: "greater" if every later regime is claimed to be higher, "less" if lower.

    Raises:
        DesignError: One juncture orders nothing, or the steps are asked about without a trend.
    """
    design = test.design
    if alternative not in ALTERNATIVES:
        raise DesignError(f"{alternative} is no alternative; there are {', '.join(ALTERNATIVES)}.")
    if len(design.onsets) < 2:
        raise DesignError(f"An order of stages in {design.name} needs two junctures or more.")
    if design.trend != "linear":
        raise DesignError(
            f"The steps of {design.name} are compared with a smooth rise; declare a linear trend."
        )
    readings = {
        juncture: test.read(juncture, alternative=alternative) for juncture in design.onsets
    }
    steps = pd.DataFrame(
        {
            "estimate": {name: each.estimate for name, each in readings.items()},
            "p_value": {name: each.p_value for name, each in readings.items()},
        }
    ).rename_axis("juncture")
    values = design.series.to_numpy(dtype=float)
    regime = regime_of(design)
    sign = -1.0 if alternative == "less" else 1.0
    return OrderReading(
        contest=_tabulate_contest(Contest.of(design), values),
        steps=steps.loc[list(design.onsets)],
        regimes=_tabulate_regimes(design, values, regime),
        p_value=max(each.p_value for each in readings.values()),
        jonckheere=rank_order(sign * values, regime),
    )


def regime_of(design: StepsDesign) -> IntArray:
    """Number of onsets that each year has seen, shape (n,)."""
    onsets = np.array(list(design.onsets.values()))
    regime: IntArray = (design.years[:, None] >= onsets).sum(axis=1)
    return regime


def _tabulate_contest(contest: Contest, values: FloatArray) -> pd.DataFrame:
    likelihoods = contest.log_likelihoods(values[None, :])[0]
    aicc = -2 * likelihoods + contest.penalties
    above = aicc - aicc.min()
    weight = np.exp(-above / 2)
    frame = pd.DataFrame(
        {
            "log_likelihood": likelihoods,
            "aicc": aicc,
            "above": above,
            "weight": weight / weight.sum(),
        },
        index=list(MODELS),
    )
    return frame.rename_axis("model")


def _tabulate_regimes(design: StepsDesign, values: FloatArray, regime: IntArray) -> pd.DataFrame:
    means = pd.Series(values).groupby(regime).agg(["size", "mean"])
    means.index = pd.Index(["before", *design.onsets], name="regime")
    return means.rename(columns={"size": "values"})


def _penalty(parameters: int, n_obs: int) -> float:
    return 2 * parameters + 2 * parameters * (parameters + 1) / (n_obs - parameters - 1)
