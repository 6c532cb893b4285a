"""How often the whole study would call something supported where nothing happened.

Every series of the study is simulated at its fitted error process, the claims on it are tested,
corrected within their families, and held to half the smallest effect, many studies over. Series
are independent; looks, placebos, gates and comparison units, which could only lower the rates, are
left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.keys import key_of
from analysis.calibration.reach import monte_carlo_error
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import METHOD as LAW_METHOD
from analysis.calibration.store import in_digits, layout_key
from analysis.calibration.worlds import WORLDS, World, draw_world
from analysis.kernel.ar1 import Fits, fit_ar1
from analysis.kernel.forks import side_by_side
from analysis.kernel.threads import one_thread
from analysis.verdict.docket import UNCORRECTED_ROLES, group_of
from analysis.verdict.record import Verdict
from analysis.verdict.trial import Trial

FloatArray = NDArray[np.float64]
METHOD = "study-wide-1"  # raised whenever a change of method, or of a world, changes the rates


@dataclass(frozen=True, slots=True)
class WorldRate:
    """What a study finds in one world.

    Attributes:
        world: Key in `WORLDS`.
        words: What the world is.
        studies: Simulated studies.
        supported: Share of studies in which at least one claim is supported.
        mc_error: Monte Carlo standard error of that share.
        largest_size: Largest false-positive rate of a single claim at uncorrected alpha.
    """

    world: str
    words: str
    studies: int
    supported: float
    mc_error: float
    largest_size: float


def study_wide_key(
    verdicts: Iterable[Verdict], *, seed: int, studies: int, multiplicity: str, law: str
) -> str:
    """Everything the rates depend on, as one digest.

    Args:
        law: How null laws are simulated, as in the key of one.
    """
    told = [METHOD, LAW_METHOD, law, str(seed), str(studies), multiplicity]
    for trial in _counted(verdicts):
        test, hypothesis = trial.test, trial.hypothesis
        assert isinstance(test, StepsTest)  # chosen so
        numbers = (
            *(test.rho, test.kappa, hypothesis.alpha, hypothesis.smallest_effect),
            test.in_first_sd(trial.smallest_effect),
        )
        words = (hypothesis.id, hypothesis.outcome, hypothesis.units[0], trial.term)
        told += [*words, hypothesis.alternative, trial.unit.name, *map(str, group_of(hypothesis))]
        told += [layout_key(test.design.layout), in_digits(test.design.contrasts)]
        told += [f"{number:.8g}" for number in numbers]
    return key_of("|".join(told))


def _counted(verdicts: Iterable[Verdict]) -> list[Trial]:
    """Claims that are corrected, and whose tests are contrasts of one regression."""
    return [
        verdict.trial
        for verdict in verdicts
        if verdict.trial is not None
        and verdict.hypothesis.role not in UNCORRECTED_ROLES
        and verdict.trial.term != "joint"
        and isinstance(verdict.trial.test, StepsTest)
    ]


def study_wide_rates(
    verdicts: Iterable[Verdict], *, seed: int, studies: int, multiplicity: str, jobs: int = 1
) -> list[WorldRate]:
    """Measure the rates in every world; none where the study has no corrected claim."""
    trials = _counted(verdicts)
    if not trials:
        return []

    def rate(name: str) -> WorldRate:
        return _rate(
            name, WORLDS[name], trials, seed=seed, studies=studies, multiplicity=multiplicity
        )

    return list(side_by_side(rate, list(WORLDS), jobs=jobs))


def _rate(
    name: str,
    world: World,
    trials: list[Trial],
    *,
    seed: int,
    studies: int,
    multiplicity: str,
) -> WorldRate:
    fitted: dict[int, Fits] = {}
    families: dict[tuple[str, bool], list[tuple[FloatArray, NDArray[np.bool_]]]] = {}
    sizes = []
    for trial in trials:
        test = trial.test
        assert isinstance(test, StepsTest)  # chosen so by `study_wide_rates`
        if id(test) not in fitted:
            fitted[id(test)] = _fits(world, test, trial, seed=seed, studies=studies)
        p, large = _claim(trial, test, fitted[id(test)])
        sizes.append(float((p <= trial.hypothesis.alpha).mean()))
        families.setdefault(group_of(trial.hypothesis), []).append((p, large))
    alphas = {group_of(trial.hypothesis): trial.hypothesis.alpha for trial in trials}
    anything = np.zeros(studies, dtype=bool)
    for family, members in families.items():
        p = np.stack([p for p, _ in members])
        corrected = p if multiplicity == "none" else holm(p)
        large = np.stack([large for _, large in members])
        anything |= ((corrected <= alphas[family]) & large).any(axis=0)
    share = float(anything.mean())
    return WorldRate(
        world=name,
        words=world.words,
        studies=studies,
        supported=share,
        mc_error=monte_carlo_error(share, studies),
        largest_size=max(sizes),
    )


def _fits(world: World, test: StepsTest, trial: Trial, *, seed: int, studies: int) -> Fits:
    stream = f"study:{trial.hypothesis.outcome}:{trial.hypothesis.units[0]}"
    drawn = draw_world(world, test, seed=seed, stream=stream, series=studies)
    with one_thread():
        return fit_ar1(drawn, test.design.layout, test.design.contrasts, test.design.joint)


def _claim(trial: Trial, test: StepsTest, fits: Fits) -> tuple[FloatArray, NDArray[np.bool_]]:
    """p in each study, and whether the estimate reaches S / 2 in the claimed direction."""
    hypothesis = trial.hypothesis
    contrast = test.terms.index(trial.term)
    sign = -1.0 if hypothesis.alternative == "less" else 1.0
    statistics = sign * fits.statistics[:, contrast]
    effects = sign * fits.estimates[:, contrast]
    if hypothesis.alternative == "two-sided":
        statistics, effects = np.abs(statistics), np.abs(effects)
    p = test.law.exceedance(statistics, contrast, test.law.place(fits))
    p = 2 * p if hypothesis.alternative == "two-sided" else p
    if trial.unit.name == "sd":
        smallest = hypothesis.smallest_effect * fits.marginal_sd
    else:
        smallest = np.full(len(p), test.in_first_sd(trial.smallest_effect))
    return p, effects >= smallest / 2


def holm(p_values: FloatArray) -> FloatArray:
    """Holm's correction of many studies at once, claims by studies.

    >>> holm(np.array([[0.01], [0.04], [0.03]])).ravel().tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, axis=0, kind="stable")
    ranked = np.take_along_axis(p_values, order, axis=0)
    weights = np.arange(len(p_values), 0, -1)[:, None]
    stepped = np.minimum(np.maximum.accumulate(ranked * weights, axis=0), 1.0)
    corrected = np.empty_like(stepped)
    np.put_along_axis(corrected, order, stepped, axis=0)
    return corrected
