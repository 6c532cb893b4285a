"""Put one claim of a study to the test in many simulated studies at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.break_date_test import ExpectedDateTest
from analysis.calibration.inner_regression import regression_of
from analysis.calibration.measure import Gauge
from analysis.calibration.mediation import MediationTest
from analysis.calibration.planted import shape_of
from analysis.calibration.ratio_test import RatioTest
from analysis.calibration.readings import Readings, read_outcomes
from analysis.calibration.steps import StepsTest
from analysis.calibration.tested import SelfMeasuring
from analysis.panel.transform import find_transform
from analysis.records.hypothesis import Hypothesis
from analysis.replication.null_series import NOT_DRAWN, NullOutcomes
from analysis.verdict.cells import source_of
from analysis.verdict.ground import Ground
from analysis.verdict.looks import SIGN_AND_P, Glance, glance
from analysis.verdict.rule import LARGEST_SIZE, LEAST_POWER, LOOK_P, MOST_LOOKS
from analysis.verdict.trial import Trial, try_gap, try_hypothesis

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Rows = NDArray[np.intp]
PLANTED_SD = 3.0
SLOPES = ("change_before", "change_after")  # claims of a trend, which straight lines make true


@dataclass(frozen=True, eq=False)
class ClaimStudies:
    """What one claim shows in every simulated study of one world.

    Attributes:
        p_used: The p that decides, before correction, shape (m,).
        ratio: Effect in the claimed direction in multiples of S; nan above alpha, shape (m,).
        passes: Every condition of support but the corrected p and the placebos, shape (m,).
        beyond: The interval lies wholly on the other side of zero, shape (m,).
    """

    p_used: FloatArray
    ratio: FloatArray
    passes: BoolArray
    beyond: BoolArray


@dataclass(frozen=True, eq=False)
class ClaimRun:
    """One claim in all worlds.

    Attributes:
        refusal: Why it is not tested, or "".
        drawn: Whether its outcome is drawn; if not, it counts in its family and finds nothing.
        power_at_claim: As measured on the study itself.
        stated_power: Of an effect of 3 sd, likewise; nan where none is planted.
        worlds: By world.
    """

    refusal: str
    drawn: bool
    power_at_claim: float
    stated_power: float
    worlds: Mapping[str, ClaimStudies]

    @property
    def powerful(self) -> bool:
        return self.power_at_claim >= LEAST_POWER


def nothing_found(number: int) -> ClaimStudies:
    """A claim that finds nothing in any of `number` studies."""
    no = np.zeros(number, dtype=bool)
    return ClaimStudies(np.ones(number), np.full(number, np.nan), no, no)


def run_claim(
    hypothesis: Hypothesis,
    ground: Ground,
    gauge: Gauge,
    outcomes: Mapping[str, NullOutcomes],
) -> ClaimRun:
    """Test a claim in the studies of every world.

    Args:
        hypothesis: Not one that judges others.
        ground: Of the study as it is.
        gauge: Measures the test of the study as it is.
        outcomes: By world.
    """
    number = next(iter(outcomes.values())).number
    idle = {world: nothing_found(number) for world in outcomes}
    if hypothesis.design in NOT_DRAWN or hypothesis.term in SLOPES:
        return ClaimRun("", False, 1.0, float("nan"), idle)
    trial = try_hypothesis(hypothesis, ground)
    if isinstance(trial, str):
        return ClaimRun(trial, False, 0.0, float("nan"), idle)
    bench = _Bench(hypothesis, trial, ground)
    if bench.read(trial, bench.rows_as_observed(), hypothesis.alternative) is None:
        return ClaimRun("", False, 1.0, float("nan"), idle)
    measured = gauge.measure(trial.test, trial.question(hypothesis.alpha))
    oversized = measured.worst_size > LARGEST_SIZE
    return ClaimRun(
        refusal="",
        drawn=True,
        power_at_claim=measured.power_at_claim,
        stated_power=bench.stated_power(gauge),
        worlds={name: bench.study(drawn, oversized=oversized) for name, drawn in outcomes.items()},
    )


@dataclass(frozen=True, eq=False)
class _Bench:
    """A claim, its trial on the study as it is, and what its looks and its gap are there."""

    hypothesis: Hypothesis
    trial: Trial
    ground: Ground

    def study(self, drawn: NullOutcomes, *, oversized: bool) -> ClaimStudies:
        hypothesis, alpha = self.hypothesis, self.hypothesis.alpha
        every = np.arange(drawn.number)
        effect = self._planted(drawn) if drawn.world.planted else None
        found = self._found(hypothesis, self.trial, drawn, every, effect, gap=False)
        if found is None:
            return nothing_found(drawn.number)
        p = found.p_values.copy()
        asked = np.flatnonzero(p <= alpha)
        if oversized and len(asked):
            p[asked] = np.maximum(p[asked], found.maximised(asked))
            asked = asked[p[asked] <= alpha]
        ratio, passes = np.full(len(p), np.nan), np.zeros(len(p), dtype=bool)
        if len(asked):
            turned = self._turned(found.estimates[asked])
            smallest = self._smallest(found, asked)
            ratio[asked] = turned * found.estimates[asked] / smallest
            passes[asked] = (
                (ratio[asked] >= 0.5)
                & ~self._negligible(found, asked)
                & self._looks_agree(drawn, asked, turned, effect)
                & self._gap_agrees(drawn, asked, turned, effect)
            )
        return ClaimStudies(p, ratio, passes, found.beyond)

    def read(self, trial: Trial, rows: FloatArray, alternative: str) -> Readings | None:
        hypothesis = self.hypothesis
        return read_outcomes(trial.test, trial.term, rows, alternative, hypothesis.alpha)

    def rows_as_observed(self) -> FloatArray:
        test = self.trial.test
        if isinstance(test, RatioTest):
            return self.ground.values(self.hypothesis).reindex(test.years).to_numpy()[None, :]
        values = series_of(test)
        return np.zeros((1, len(test.years))) if values is None else values[None, :]

    def stated_power(self, gauge: Gauge) -> float:
        """Power of the test of the study as it is, at 3 sd; nan where nothing can be planted."""
        test, question = self.trial.test, self.trial.question(self.hypothesis.alpha)
        if shape_of(test, self.trial.term, self.hypothesis.alternative) is None:
            return float("nan")
        if isinstance(test, RatioTest):
            test = test.rates.stabilised
        size = PLANTED_SD * test.marginal_sd
        asked = replace(question, smallest_effect=size, claimed_effect=size)
        return gauge.aside().measure(test, asked).power_at_claim

    def _found(
        self,
        seen: Hypothesis,
        trial: Trial,
        drawn: NullOutcomes,
        chosen: Rows,
        effect: FloatArray | None,
        *,
        gap: bool,
    ) -> Readings | None:
        rows = transformed_rows(seen, trial, drawn, self.ground, chosen, gap=gap)
        whole: BoolArray = np.asarray(np.isfinite(rows).all(axis=1), dtype=bool)
        spread: FloatArray = np.ptp(np.where(whole[:, None], rows, 0.0), axis=1)
        moving: BoolArray = np.asarray(whole & (spread > 0), dtype=bool)
        filled = np.where(moving[:, None], rows, np.arange(rows.shape[1]) % 3 + 1.0)
        if effect is not None:
            filled = self._with_effect(filled, seen, trial, effect)
        found = self.read(trial, filled, seen.alternative)
        if found is None or moving.all():
            return found
        return replace(found, p_values=np.where(moving, found.p_values, 1.0))

    def _with_effect(
        self, rows: FloatArray, seen: Hypothesis, trial: Trial, effect: FloatArray
    ) -> FloatArray:
        """Rows with 3 sd of the claimed effect, in the sd that the test prints."""
        main = self.trial.test
        shape = np.interp(trial.test.years, main.years, effect)
        if isinstance(trial.test, RatioTest):
            root = find_transform("sqrt38")
            size = PLANTED_SD * trial.test.rates.stabilised.marginal_sd
            return np.round(root.inverse(root.forward(rows, rows) + size * shape, rows))
        same_scale = seen.transform == self.hypothesis.transform and not isinstance(main, RatioTest)
        size = PLANTED_SD * (main if same_scale else trial.test).marginal_sd
        return rows + size * shape

    def _planted(self, drawn: NullOutcomes) -> FloatArray | None:
        if self.hypothesis.role == "placebo":
            return None
        return shape_of(self.trial.test, self.trial.term, self.hypothesis.alternative)

    def _turned(self, estimates: FloatArray) -> FloatArray:
        alternative = self.hypothesis.alternative
        if alternative == "two-sided":
            return np.where(estimates < 0, -1.0, 1.0)
        return np.full(len(estimates), -1.0 if alternative == "less" else 1.0)

    def _smallest(self, found: Readings, rows: Rows) -> FloatArray:
        trial = self.trial
        if trial.unit.name == "sd" and trial.smallest is None:
            return self.hypothesis.smallest_effect * found.marginal_sd[rows]
        return np.full(len(rows), trial.smallest_effect)

    def _negligible(self, found: Readings, rows: Rows) -> BoolArray:
        low, high = found.narrow[:, rows]
        largest = np.maximum(-low, high)
        near = largest < self._smallest(found, rows)
        if self.trial.unit.name != "sd" or not near.any():
            return np.asarray(near)
        at = rows[near]
        near[near] = largest[near] < self.hypothesis.smallest_effect * found.smallest_sd(at)
        return np.asarray(near)

    def _looks_agree(
        self, drawn: NullOutcomes, rows: Rows, turned: FloatArray, effect: FloatArray | None
    ) -> BoolArray:
        agree, counted = np.zeros(len(rows)), 0
        for look in self._looks:
            trial = look.trial
            assert trial is not None  # chosen so
            gap = "comparison" in look.changes
            found = self._found(trial.hypothesis, trial, drawn, rows, effect, gap=gap)
            if found is None:
                continue
            counted += 1
            says = turned * found.estimates > 0
            if set(look.changes) & set(SIGN_AND_P):
                says &= found.p_values <= LOOK_P
            agree += says
        return np.asarray(agree >= MOST_LOOKS * counted)

    @cached_property
    def _looks(self) -> list[Glance]:
        """The looks that count, made on the study as it is."""
        seen = [
            glance(self.hypothesis, look, self.ground.of_looks, self.trial.direction)
            for look in self.hypothesis.looks
        ]
        return [each for each in seen if each.counted and each.trial is not None]

    def _gap_agrees(
        self, drawn: NullOutcomes, rows: Rows, turned: FloatArray, effect: FloatArray | None
    ) -> BoolArray:
        hypothesis = self.hypothesis
        if not hypothesis.comparison:
            return np.ones(len(rows), dtype=bool)
        trial = try_gap(hypothesis, self.ground, self.trial.direction)
        if isinstance(trial, str):
            return np.zeros(len(rows), dtype=bool)
        found = self._found(hypothesis, trial, drawn, rows, effect, gap=True)
        if found is None:
            return np.zeros(len(rows), dtype=bool)
        return np.asarray((turned * found.estimates > 0) & (found.p_values <= LOOK_P))


def series_of(test: StepsTest | SelfMeasuring) -> FloatArray | None:
    """The outcome behind a test of one series."""
    if isinstance(test, ExpectedDateTest):
        return test.found.design.series.to_numpy(dtype=float)
    regression = test.second if isinstance(test, MediationTest) else regression_of(test)
    return None if regression is None else regression.design.series.to_numpy(dtype=float)


def transformed_rows(
    seen: Hypothesis,
    trial: Trial,
    drawn: NullOutcomes,
    ground: Ground,
    chosen: Rows,
    *,
    gap: bool,
) -> FloatArray:
    """The series a test reads, in the chosen studies, on its years, shape (c, n)."""
    years = trial.test.years

    def of(unit: str, transform: str) -> FloatArray:
        known, values = drawn.rows(seen.outcome, unit, source_of(seen), chosen)
        first, last = ground.period_of(seen)
        inside = (known >= first) & (known <= last)
        known, values = known[inside], values[:, inside]
        if transform == "standardise":
            sd = values.std(axis=1, ddof=1, keepdims=True)
            values = (values - values.mean(axis=1, keepdims=True)) / np.where(sd > 0, sd, np.nan)
        else:
            rule = find_transform(transform)
            with np.errstate(all="ignore"):
                taken = rule.forward(values, values)
            values = np.where(rule.allows(values), taken, np.nan)
        return values[:, np.searchsorted(known, years)]

    if isinstance(trial.test, RatioTest):
        return of(seen.units[0], "none")
    if seen.design == "asymmetry":
        sides = [of(unit, "none") for unit in seen.units]
        z = [
            (side - side.mean(axis=1, keepdims=True)) / side.std(axis=1, ddof=1, keepdims=True)
            for side in sides
        ]
        return np.asarray(z[0] - z[1])
    transform = "sqrt38" if seen.design == "counts" else seen.transform
    own = of(seen.units[0], transform)
    if not (gap or seen.design in ("event_study", "gap")) or not seen.comparison:
        return own
    others = np.mean([of(unit, transform) for unit in seen.comparison], axis=0)
    return np.asarray(own - others)
