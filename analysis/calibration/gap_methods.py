"""The methods in use for the gap of one treated unit. None of them decides.

Those that compare two periods take the years from the first onset on against those before it, and
say nothing of single steps where there are several.

- Placebo rank: each donor in place of the treated unit; the step in units of the sd of the gap's
  residuals before the onset is ranked (Conley & Taber 2011, Rev. Econ. Stat. 93, 113-125,
  doi:10.1162/REST_a_00049; studentised after Ferman & Pinto 2019, Rev. Econ. Stat. 101, 452-467,
  doi:10.1162/rest_a_00759). Trends are taken out of every gap as in the primary test.
- RMSPE ratio: root mean squared gap after over before, ranked in the same way (Abadie, Diamond &
  Hainmueller 2010, J. Am. Stat. Assoc. 105, 493-505, doi:10.1198/jasa.2009.ap08746).
- Conley-Taber: difference-in-differences against the mean of the donors, with the deviations of
  the donors from their mean as its law; and their interval.
- Donald-Lang: the same difference as a prediction error, t with J - 1 degrees of freedom (Donald &
  Lang 2007, Rev. Econ. Stat. 89, 221-233, doi:10.1162/rest.89.2.221).
- Synthetic difference-in-differences with its placebo variance (Arkhangelsky et al. 2021, Am.
  Econ. Rev. 111, 4088-4118, doi:10.1257/aer.20190159, algorithm 4, over all donors in turn).
- Conformal: weights found with the window after the onset included, as they would be were there
  no effect; the sum of absolute residuals in the window among its circular shifts (Chernozhukov,
  Wuthrich & Zhu 2021, J. Am. Stat. Assoc. 116, 1849-1864, doi:10.1080/01621459.2021.1920957).

How often each finds at 5 % what is not there, 19 donors, 25 years, 14 of them before, a common
factor with unequal loadings, autocorrelation .6, mean weights (250 panels, conformal 500):

=================  =====  ===================  =================  =====================
method             as it  treated unit twice   trend of its own,  variance of all units
                   is     as noisy             3 sd in all        doubled from the onset
=================  =====  ===================  =================  =====================
placebo rank       .03    .03                  .03                .07
RMSPE ratio        .08    .07                  .24                .07
Conley-Taber       .08    .31                  .47                .07
Donald-Lang        .07    .28                  .44                .05
synthetic DiD      .07    .32                  .41                .06
conformal          .08    .07                  .08                .30
=================  =====  ===================  =================  =====================

A rank among J placebos cannot give a p below 1 / (J + 1): with fewer than 19 donors a test at 5 %
could never reject, and is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.calibration.steps import simulated_p
from analysis.design.gap import GapDesign
from analysis.errors import DesignError
from analysis.kernel.synthetic import (
    fit_synthetic_did,
    placebo_gaps,
    placebo_synthetic_did,
    weigh_donors,
)

FloatArray = NDArray[np.float64]
SHORTEST_WINDOW = 3  # years after the onset that the conformal test looks at
LONGEST_SHARE = 1 / 3  # of the years used; with longer windows it hardly finds what is there
SLACK = 1e-9  # ties with the observed statistic count in spite of rounding
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class GapOpinion:
    """One method on one gap, in the unit of the transformed outcome.

    Attributes:
        method: Its name.
        estimate: Effect; nan where the method gives none.
        statistic: What is ranked or compared.
        p_value: For the alternative asked; RMSPE ratio and conformal are always two-sided.
        conf_low: Lower end of the 1 - alpha interval; nan where the method gives none.
        conf_high: Its upper end.
        note: Peculiarity, or why the method does not apply.
    """

    method: str
    estimate: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float
    note: str


@dataclass(frozen=True, eq=False)
class AskedGap:
    """One gap and what is asked of it.

    Attributes:
        design: The gap.
        term: A juncture or "total".
        alternative: "greater", "less" or "two-sided".
        alpha: Level.
        window: Years of the conformal test; None for the fewest that can come down to alpha.
    """

    design: GapDesign
    term: str
    alternative: str
    alpha: float
    window: int | None

    @cached_property
    def donors(self) -> FloatArray:
        return self.design.donors.to_numpy(dtype=float)

    @cached_property
    def treated(self) -> FloatArray:
        return self.design.treated.to_numpy(dtype=float)

    @cached_property
    def gaps(self) -> FloatArray:
        """The gap of the treated unit and, below it, that of each donor, shape (1 + J, n)."""
        own = self.design.steps.series.to_numpy(dtype=float)
        placebos = placebo_gaps(self.donors, self.design.before, self.design.weighting)
        return np.vstack([own, placebos])

    @cached_property
    def changes(self) -> FloatArray:
        """Mean after less mean before of the treated unit and each donor, shape (1 + J,)."""
        before = self.design.before
        values = np.vstack([self.treated, self.donors.T])
        change: FloatArray = values[:, ~before].mean(axis=1) - values[:, before].mean(axis=1)
        return change

    def require_donors(self, needed: int, why: str) -> None:
        many = self.donors.shape[1]
        if many < needed:
            raise DesignError(f"There are {many} placebo units; {why} needs {needed}.")

    def require_rank(self) -> None:
        """Enough placebos for a rank to come down to alpha."""
        refusal = refuse_rank(self.donors.shape[1], self.alpha)
        if refusal:
            raise DesignError(refusal)


def refuse_rank(many: int, alpha: float) -> str:
    """Why a rank among so many placebos is no test at alpha; empty if it is one."""
    if 1 / (many + 1) <= alpha:
        return ""
    return (
        f"There are {many} placebo units, so a rank cannot give a p below {1 / (many + 1):.3f}; a "
        f"test at {alpha:g} needs {int(np.ceil(1 / alpha - SLACK)) - 1}."
    )


def _placebo_rank(asked: AskedGap) -> GapOpinion:
    asked.require_rank()
    steps, before = asked.design.steps, asked.design.before
    regressors = steps.regressors.to_numpy()
    row = steps.contrasts[steps.terms.index(asked.term)]
    effects = asked.gaps @ (row @ np.linalg.pinv(regressors))
    kept = [name for name in steps.regressors.columns if name not in steps.onsets]
    early, trend = asked.gaps[:, before], steps.regressors[kept].to_numpy()[before]
    q, _ = np.linalg.qr(trend)
    left = early - (early @ q) @ q.T
    spare = max(1, left.shape[1] - q.shape[1])
    ranked = effects / np.sqrt((left * left).sum(axis=1) / spare)
    return GapOpinion(
        "placebo rank, studentised",
        float(effects[0]),
        float(ranked[0]),
        _rank(ranked, asked.alternative),
        NAN,
        NAN,
        "step in sds of the gap before the onset, by least squares",
    )


def _rmspe_ratio(asked: AskedGap) -> GapOpinion:
    asked.require_rank()
    before = asked.design.before
    gaps = asked.gaps
    if asked.design.weighting != "synthetic":  # the level before is no failure to fit
        gaps = gaps - gaps[:, before].mean(axis=1, keepdims=True)
    late, early = (np.sqrt(np.mean(gaps[:, part] ** 2, axis=1)) for part in (~before, before))
    ratios = late / np.maximum(early, np.finfo(float).tiny)
    return GapOpinion(
        "RMSPE ratio rank",
        float(gaps[0, ~before].mean()),
        float(ratios[0]),
        _rank(ratios, "greater"),
        NAN,
        NAN,
        "two-sided; a trend of the gap counts as an effect",
    )


def _conley_taber(asked: AskedGap) -> GapOpinion:
    asked.require_rank()
    estimate, deviations = _did(asked)
    tail = asked.alpha / 2
    low, high = np.quantile(deviations, [tail, 1 - tail], method="inverted_cdf")
    return GapOpinion(
        "Conley-Taber",
        estimate,
        estimate,
        _rank(np.append(estimate, deviations), asked.alternative),
        estimate - float(high),
        estimate - float(low),
        "difference-in-differences; equal variances and no trends of the units' own",
    )


def _donald_lang(asked: AskedGap) -> GapOpinion:
    asked.require_donors(3, "the t of Donald and Lang")
    estimate, deviations = _did(asked)
    many = len(deviations)
    std_error = float(deviations.std(ddof=1) * np.sqrt(1 + 1 / many))
    return _symmetric(
        "Donald-Lang",
        asked,
        estimate,
        std_error,
        stats.t(many - 1),
        "as Conley-Taber, and normal",
    )


def _synthetic_did(asked: AskedGap) -> GapOpinion:
    asked.require_donors(3, "synthetic difference-in-differences")
    before = asked.design.before
    found = fit_synthetic_did(asked.treated, asked.donors, before)
    placebos = placebo_synthetic_did(asked.donors, before)
    return _symmetric(
        "synthetic difference-in-differences",
        asked,
        found.estimate,
        float(placebos.std()),
        stats.norm(),
        "placebo variance; as noisy a treated unit as the donors",
    )


def _conformal(asked: AskedGap) -> GapOpinion:
    design, kept = asked.design, _conformal_years(asked)
    window, years = int((kept & ~design.before).sum()), int(kept.sum())
    treated, donors = asked.treated[kept], asked.donors[kept]
    everything = np.ones(years, dtype=bool)
    weights = weigh_donors(treated[None], donors, everything, design.weighting)[0]
    residuals = treated - donors @ weights
    if design.weighting != "synthetic":
        residuals = residuals - residuals.mean()
    sums = np.array([np.abs(np.roll(residuals, by)[-window:]).sum() for by in range(years)])
    return GapOpinion(
        "conformal",
        float(residuals[-window:].mean()),
        float(sums[0]),
        float((sums >= sums[0] * (1 - SLACK)).mean()),
        NAN,
        NAN,
        f"two-sided; the first {window} years after the onset",
    )


def _conformal_years(asked: AskedGap) -> NDArray[np.bool_]:
    """The years before the first onset and the window after it."""
    before = asked.design.before
    early, late = int(before.sum()), int((~before).sum())
    needed = int(np.ceil(1 / asked.alpha - SLACK))
    window = asked.window or max(SHORTEST_WINDOW, needed - early)
    years = early + min(window, late)
    if years < needed:
        raise DesignError(
            f"There are {years} years up to the end of the window, so circular shifts cannot give "
            f"a p below {1 / years:.3f}."
        )
    if window > years * LONGEST_SHARE:
        raise DesignError(
            f"A window of {window} among {years} years is too long for the conformal test, which "
            "then hardly finds what is there."
        )
    kept: NDArray[np.bool_] = np.arange(len(before)) < years
    return kept


GapMethod = Callable[[AskedGap], GapOpinion]
METHODS: dict[str, GapMethod] = {
    "placebo rank, studentised": _placebo_rank,
    "RMSPE ratio rank": _rmspe_ratio,
    "Conley-Taber": _conley_taber,
    "Donald-Lang": _donald_lang,
    "synthetic difference-in-differences": _synthetic_did,
    "conformal": _conformal,
}


def _did(asked: AskedGap) -> tuple[float, FloatArray]:
    donors = asked.changes[1:]
    return float(asked.changes[0] - donors.mean()), donors - donors.mean()


def _rank(values: FloatArray, alternative: str) -> float:
    """Share of all, the first among them, that lie as far out as the first."""
    slack = SLACK * max(1.0, abs(float(values[0])))
    inward = values[0] - np.sign(values[0]) * slack
    return simulated_p(float(inward), values[1:], alternative)


def _symmetric(
    method: str, asked: AskedGap, estimate: float, std_error: float, law: object, note: str
) -> GapOpinion:
    statistic = estimate / std_error
    tail = float(law.sf(abs(statistic)))  # type: ignore[attr-defined]
    upper = tail if statistic >= 0 else 1 - tail
    p_value = {"two-sided": 2 * tail, "greater": upper, "less": 1 - upper}[asked.alternative]
    margin = float(law.isf(asked.alpha / 2)) * std_error  # type: ignore[attr-defined]
    return GapOpinion(
        method, estimate, statistic, p_value, estimate - margin, estimate + margin, note
    )
