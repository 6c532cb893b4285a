"""Test how much of a step is left some years later (T-EQ): still there, or back on the line.

Two claims about `left` of `analysis.design.carry_over`, in opposite directions:

* still there: one-sided p of left = 0, PB-REML-V as in `steps`;
* gone: two one-sided tests, which is the calibrated 1 - 2 alpha interval lying inside +-S
  (`equivalence`). S in sd is taken at the smallest sd that rho allows (`sd_bounds`).

The share left / arrived is a ratio: its set of values not rejected inverts the calibrated test of
left - s arrived = 0 (Fieller 1954, J. R. Stat. Soc. B 16, 175-185,
doi:10.1111/j.2517-6161.1954.tb00159.x). Beside them, as a description, stand a permanent step and a
pulse that keeps a share f of itself a year, f searched, by AICc (Box & Tiao 1975, J. Am. Stat.
Assoc. 70, 70-79, doi:10.1080/01621459.1975.10480264, for both forms).
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.equivalence import Equivalence, calibrate_equivalence
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import LawShelf
from analysis.calibration.terms import TermsTest, p_of_rows, unrejected
from analysis.calibration.tested import TermReading
from analysis.errors import DesignError
from analysis.kernel.layout import Layout
from analysis.kernel.likelihood import ml_peaks
from analysis.kernel.threads import one_thread

FloatArray = NDArray[np.float64]
SHARES = np.round(np.linspace(-1, 2, 61), 2)  # a set that reaches an end is open there
KEPT = np.round(np.linspace(0.1, 0.9, 17), 2)  # of a pulse, a year


@dataclass(frozen=True, eq=False)
class CarryOver:
    """What arrived, what is left, and whether it is too small to matter.

    Attributes:
        arrived: Effect in the first year.
        left: Effect in the year asked about; its p is of nothing being left.
        gone: Equivalence of `left` with nothing.
        share: left / arrived.
        share_set: Lowest and highest share not rejected at alpha; infinite where open.
        forms: Index model (none, permanent, decaying); kept (a year), log_likelihood, aicc, above.
    """

    arrived: TermReading
    left: TermReading
    gone: Equivalence
    share: float
    share_set: tuple[float, float]
    forms: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """One row each for what arrived and what is left."""
        rows = {"arrived": asdict(self.arrived), "left": asdict(self.left)}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("term")

    def to_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        return {
            "arrived": asdict(self.arrived),
            "left": asdict(self.left),
            "gone": self.gone.to_dict(),
            "share": self.share,
            "share_set": self.share_set,
            "forms": self.forms.to_dict(orient="index"),
        }


def judge_carry_over(
    test: TermsTest,
    bounds: tuple[float, float],
    shelf: LawShelf,
    *,
    alternative: str = "greater",
    alpha: float = 0.05,
) -> CarryOver:
    """Read a `carry_over_design`.

    Args:
        test: From `calibrate_terms`.
        bounds: Effects between which nothing is left that matters, in the outcome's unit.
        shelf: That of the test.
        alternative: Direction of the step.
        alpha: Level of every test.

    Raises:
        DesignError: The design does not follow a step.
        UsageError: The bounds are out of order.
    """
    if not {"arrived", "left"} <= {*test.design.terms}:
        raise DesignError(f"{test.design.name} is not laid out to follow what is left of a step.")
    arrived, left = (
        test.read(term, alternative=alternative, alpha=alpha) for term in ("arrived", "left")
    )
    return CarryOver(
        arrived=arrived,
        left=left,
        gone=calibrate_equivalence(test, "left", bounds, alpha=alpha),
        share=left.estimate / arrived.estimate,
        share_set=_share_set(test, shelf, alpha),
        forms=compare_forms(test),
    )


def sd_bounds(test: StepsTest, smallest_effect: float) -> tuple[float, float]:
    """+-S with S in sd, at the smallest sd that the interval of rho allows."""
    bound = smallest_effect * test.smallest_sd
    return -bound, bound


def compare_forms(test: TermsTest) -> pd.DataFrame:
    """No effect, a permanent step and a decaying pulse by maximum likelihood and AICc.

    The share kept a year counts as a parameter. The regressors are those of the design, with the
    columns of the effect followed put aside.
    """
    design = test.design
    onset = design.years[design.regressors["arrived"].to_numpy() == 1.0][0]
    since = design.years - onset
    nuisance = ["arrived", "left", "from_then_on"]
    frame = design.regressors.drop(columns=nuisance, errors="ignore")
    next_onsets = [year for year in design.onsets.values() if year > onset]
    steps = {f"next_{year}": design.years >= year for year in next_onsets}
    known = {tuple(frame[name]) for name in frame}
    others = frame.assign(
        **{name: step.astype(float) for name, step in steps.items() if tuple(step) not in known}
    ).to_numpy()
    pulses = {kept: np.where(since >= 0, kept ** np.maximum(since, 0), 0.0) for kept in KEPT}
    peaks = {kept: _peak(test, np.column_stack([others, pulse])) for kept, pulse in pulses.items()}
    best = max(peaks, key=lambda kept: peaks[kept])
    step = np.column_stack([others, (since >= 0).astype(float)])
    rows = {
        "none": (np.nan, _peak(test, others), others.shape[1]),
        "permanent": (1.0, _peak(test, step), step.shape[1]),
        "decaying": (float(best), peaks[best], step.shape[1] + 1),
    }
    n = len(design.years)
    table = pd.DataFrame(
        {
            model: {
                "kept": kept,
                "log_likelihood": peak,
                "aicc": -2 * peak + 2 * (k + 2) + 2 * (k + 2) * (k + 3) / (n - k - 3),
            }
            for model, (kept, peak, k) in rows.items()
        }
    ).T.rename_axis("model")
    return table.assign(above=table["aicc"] - table["aicc"].min())


def _peak(test: TermsTest, regressors: FloatArray) -> float:
    with one_thread():
        peaks = ml_peaks(test.series[None, :], Layout(test.design.years, regressors))
    return float(peaks.log_likelihood[0])


def _share_set(test: TermsTest, shelf: LawShelf, alpha: float) -> tuple[float, float]:
    terms = list(test.design.terms)
    left, arrived = (test.design.contrasts[terms.index(term)] for term in ("left", "arrived"))
    p = p_of_rows(test, left[None, :] - SHARES[:, None] * arrived[None, :], shelf)
    return unrejected(SHARES, p, alpha)
