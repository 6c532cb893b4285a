"""Calibrate calibrated p-values once more: where rho is high and short series hide it.

A p read from the null law at estimated (rho, kappa) is not uniform under the null, because the
estimates err. Its own law is simulated: in series without effect at each node of (rho, kappa) the
whole procedure is run, and

    p' = share of null series at (rho~, kappa~) whose p, read at their own estimates, is at most p.

This is prepivoting (Beran 1987, Biometrika 74, 457-468, doi:10.1093/biomet/74.3.457; 1988, J. Am.
Stat. Assoc. 83, 687-697, doi:10.1080/01621459.1988.10478649); with tables of laws instead of a
bootstrap within a bootstrap, each round costs one more fit of the null series. It takes away about
half of what the first p errs by, and can be repeated on its own result.
"""

from dataclasses import dataclass, replace

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from analysis.calibration.law import simulate_fits
from analysis.calibration.null_law import NullLaw, Place
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import LawShelf, layout_key
from analysis.kernel.ar1 import Fits

FloatArray = NDArray[np.float64]
ROUNDS = 2
DIGITS = 12  # so that equal p-values, computed from either side, tie


@dataclass(frozen=True, eq=False)
class DoubleLaw:
    """Laws of the two-sided p of one term, and of the p made from it, round by round.

    Attributes:
        law: Null law from which first p-values are read.
        contrast: Position of the term; -1 the joint F.
        rounds: One law a round, whose joint statistic is -p.
    """

    law: NullLaw
    contrast: int
    rounds: tuple[NullLaw, ...]

    def p_values(self, fits: Fits, alternative: str, *, effect: float = 0.0) -> FloatArray:
        """p of each fit after all rounds, with the effect added to its estimate, shape (m,)."""
        first = self.first_p_values(fits, alternative, effect=effect)
        return self._raise(first, alternative, Place(*self.law.unbias(fits)))

    def first_p_values(self, fits: Fits, alternative: str, *, effect: float = 0.0) -> FloatArray:
        """p of each fit as read from the null law, shape (m,)."""
        return first_p(self.law, self.contrast, fits, alternative, effect=effect)

    def _raise(self, p: FloatArray, alternative: str, place: Place) -> FloatArray:
        directed = alternative != "two-sided" and self.contrast >= 0
        # The law of t is symmetric: a one-sided p below a half is half a two-sided one.
        two_sided = np.round(2 * np.minimum(p, 1 - p) if directed else p, DIGITS)
        for each in self.rounds:
            two_sided = each.joint_exceedance(-two_sided, place)
        if not directed:
            return two_sided
        return np.where(p <= 0.5, two_sided / 2, 1 - two_sided / 2)


def first_p(
    law: NullLaw, contrast: int, fits: Fits, alternative: str, *, effect: float = 0.0
) -> FloatArray:
    """p of each fit from the law at its own median-unbiased (rho, kappa), shape (m,)."""
    place = Place(*law.unbias(fits))
    if contrast < 0:
        return law.joint_exceedance(fits.joint, place)
    t = (fits.estimates[:, contrast] + effect) / fits.std_errors[:, contrast]
    if alternative == "two-sided":
        return np.minimum(1.0, 2 * law.exceedance(np.abs(t), contrast, place))
    return law.exceedance(-t if alternative == "less" else t, contrast, place)


def simulate_double(
    test: StepsTest, term: str, shelf: LawShelf, *, rounds: int = ROUNDS
) -> DoubleLaw:
    """Simulate the law of the p of one term of a calibrated test.

    Args:
        test: From `calibrate_steps` or `calibrate_terms`.
        term: One of its terms, or "joint".
        shelf: Seed, number of series at each node and jobs.
        rounds: How often p is replaced by its rank among those of null series.
    """
    law, layout = test.law.first, test.design.layout
    contrast = -1 if term == "joint" else test.design.terms.index(term)
    nodes = [(rho, kappa) for rho in np.tanh(law.rho) for kappa in np.exp(law.kappa)]

    def fitted(rho: float, kappa: float) -> Fits:
        return simulate_fits(
            layout,
            test.design.contrasts,
            test.design.joint,
            rho=rho,
            kappa=kappa,
            seed=shelf.seed,
            stream=f"double:{layout_key(layout)}",
            series=shelf.series,
        )

    fits = Parallel(n_jobs=shelf.jobs)(delayed(fitted)(*node) for node in nodes)
    places = [Place(*law.unbias(each)) for each in fits]
    p_values = [np.round(first_p(law, contrast, each, "two-sided"), DIGITS) for each in fits]
    laws: list[NullLaw] = []
    shape = (len(law.rho), len(law.kappa), shelf.series)
    for _ in range(rounds):
        small = np.sort(-np.stack(p_values), axis=1).reshape(shape)
        laws.append(replace(law, magnitudes=law.magnitudes[:, :, :0], joint=small))
        p_values = [
            laws[-1].joint_exceedance(-p, place) for p, place in zip(p_values, places, strict=True)
        ]
    return DoubleLaw(law, contrast, tuple(laws))
