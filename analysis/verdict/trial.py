"""Put one hypothesis to the test: lay it on the panel, fit it, read off its term."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.calibration.measure import Question
from analysis.calibration.steps import StepsTest, TermReading, calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.design.steps import StepsDesign, steps_design
from analysis.errors import DesignError, EstimationError, UsageError
from analysis.panel.panel import Panel
from analysis.panel.transform import outcome_unit, transform_series
from analysis.records.hypothesis import Hypothesis
from analysis.records.junctures import Juncture
from analysis.records.words import join_words
from analysis.verdict.cells import source_of, unit_of_control
from analysis.verdict.effect import EffectUnit, effect_unit

DESIGNS = ("steps", "none")


@dataclass(frozen=True, eq=False)
class Ground:
    """What every trial of a run stands on.

    Attributes:
        panel: Values by unit and year.
        junctures: Declared turning points by id.
        period: First and last year of the study.
        shelf: Null laws and seed.
        draws: Null series behind each p-value.
        look_draws: The same for declared looks, whose p is only held against .10.
        look_shelf: Null laws of the looks, which need its medians only.
    """

    panel: Panel
    junctures: Mapping[str, Juncture]
    period: tuple[int, int]
    shelf: LawShelf
    draws: int
    look_shelf: LawShelf
    look_draws: int
    _tests: dict[tuple[str, bytes], StepsTest] = field(default_factory=dict)

    def test(self, design: StepsDesign) -> StepsTest:
        """Fit and null law of a design; claims on several of its terms share them."""
        values = design.series.to_numpy(dtype=float).tobytes()
        key = (self.shelf.key(design.layout, design.contrasts), values)
        if key not in self._tests:
            self._tests[key] = calibrate_steps(design, self.shelf, draws=self.draws)
        return self._tests[key]

    @cached_property
    def of_looks(self) -> "Ground":
        """The same ground for looks, with fewer simulated series."""
        return replace(self, shelf=self.look_shelf, draws=self.look_draws, _tests={})


@dataclass(frozen=True, eq=False)
class Trial:
    """A hypothesis that could be tested, and what the test reads.

    Attributes:
        hypothesis: The claim as declared, or as a look sees it.
        test: Fit and null law.
        reading: Estimate, p-values and intervals of the term, transformed outcome.
        unit: The declared unit of effects.
        raw: The outcome as observed in the years used.
        turned_by: For looks and gaps, the direction of the trial they are held against.
    """

    hypothesis: Hypothesis
    test: StepsTest
    reading: TermReading
    unit: EffectUnit
    raw: pd.Series
    turned_by: float | None = None

    @property
    def direction(self) -> float:
        """1 or -1: what the estimate is multiplied by to count in the claimed direction."""
        if self.turned_by is not None:
            return self.turned_by
        if self.hypothesis.alternative == "two-sided":
            return -1.0 if self.reading.estimate < 0 else 1.0
        return -1.0 if self.hypothesis.alternative == "less" else 1.0

    @property
    def estimate(self) -> float:
        """The effect in the claimed direction; for `joint` the largest step, without sign."""
        if self.hypothesis.term == "joint":
            return float(np.abs(self.test.fit.estimates[0, :-1]).max())
        return self.direction * self.reading.estimate

    @property
    def smallest_effect(self) -> float:
        """S on the transformed outcome."""
        return abs(self.unit.to_outcome(self.hypothesis.smallest_effect))

    @property
    def rejected_effect(self) -> float:
        """S where a finding says that effects of S are ruled out: in sd, the smallest S may be."""
        if self.unit.name != "sd":
            return self.smallest_effect
        return self.hypothesis.smallest_effect * self.test.smallest_sd

    @property
    def claimed_effect(self) -> float:
        """The claimed size on the transformed outcome."""
        return abs(self.unit.to_outcome(self.hypothesis.claimed_effect))

    @property
    def p_size(self) -> float:
        """p of an effect of S or more in the claimed direction; 1 where none can be claimed."""
        if self.hypothesis.alternative == "two-sided":
            return 1.0
        return self.test.p_below(
            self.hypothesis.term, self.rejected_effect, alternative=self.hypothesis.alternative
        )

    def turned(self, interval: tuple[float, float]) -> tuple[float, float]:
        """An interval in the claimed direction."""
        low, high = sorted(self.direction * end for end in interval)
        return low, high

    def question(self, strict_alpha: float) -> Question:
        """What is asked of size and power."""
        return Question(
            term=self.hypothesis.term,
            alternative=self.hypothesis.alternative,
            alpha=self.hypothesis.alpha,
            strict_alpha=strict_alpha,
            smallest_effect=self.smallest_effect,
            claimed_effect=self.claimed_effect,
        )


def try_hypothesis(
    hypothesis: Hypothesis, ground: Ground, turned_by: float | None = None
) -> Trial | str:
    """Test a hypothesis of the design `steps`, or give the sentence why it cannot be tested."""
    if hypothesis.design == "none":
        return str(hypothesis.options["reason"])
    try:
        return replace(_test(hypothesis, ground), turned_by=turned_by)
    except (DesignError, EstimationError) as refusal:
        return str(refusal)


def try_gap(hypothesis: Hypothesis, ground: Ground, turned_by: float | None = None) -> Trial | str:
    """Test the same term in the distance of the unit to the mean of its comparison units."""
    try:
        return replace(_test(hypothesis, ground, gap=True), turned_by=turned_by)
    except (DesignError, EstimationError) as refusal:
        return str(refusal)


def lay_out(hypothesis: Hypothesis, ground: Ground) -> StepsDesign | str:
    """The design of a hypothesis, before anything is fitted or simulated, or why there is none."""
    if hypothesis.design == "none":
        return str(hypothesis.options["reason"])
    try:
        _refuse_several_units(hypothesis)
        return _design(hypothesis, _transformed(hypothesis, hypothesis.units[0], ground), ground)
    except DesignError as refusal:
        return str(refusal)


def _refuse_several_units(hypothesis: Hypothesis) -> None:
    if len(hypothesis.units) > 1:
        raise DesignError(
            f"The design steps tests one series, but {join_words(hypothesis.units)} are declared; "
            "declare a claim for each."
        )


def _test(hypothesis: Hypothesis, ground: Ground, *, gap: bool = False) -> Trial:
    _refuse_several_units(hypothesis)
    raw = _values(hypothesis, hypothesis.units[0], ground)
    transformed = _transformed(hypothesis, hypothesis.units[0], ground)
    if gap:
        others = [_transformed(hypothesis, unit, ground) for unit in hypothesis.comparison]
        transformed = transformed - pd.concat(others, axis=1, join="inner").mean(axis=1)
        transformed = transformed.dropna()
    design = _design(hypothesis, transformed, ground)
    test = ground.test(design)
    measured_in = ground.panel.codebook[hypothesis.outcome].measured_in
    return Trial(
        hypothesis=hypothesis,
        test=test,
        reading=test.read(
            hypothesis.term, alternative=hypothesis.alternative, alpha=hypothesis.alpha
        ),
        unit=effect_unit(
            hypothesis.effect_unit,
            transform=hypothesis.transform,
            outcome_unit=outcome_unit(hypothesis.transform, measured_in),
            marginal_sd=test.marginal_sd,
            smallest_value=float(raw.min()),
        ),
        raw=raw.reindex(design.years),
    )


def _design(hypothesis: Hypothesis, series: pd.Series, ground: Ground) -> StepsDesign:
    unit = hypothesis.units[0]
    first, last = hypothesis.period or ground.period
    controls = {
        name: ground.panel.series(name, unit_of_control(name, unit, ground.panel))
        for name in hypothesis.controls
    }
    return steps_design(
        series,
        {name: ground.junctures[name].onset for name in hypothesis.junctures},
        name=f"{hypothesis.outcome} of {unit} in {first}-{last}",
        trend=hypothesis.trend,
        controls=pd.DataFrame(controls) if controls else None,
        error_model=str(hypothesis.options.get("error_model", "ar1")),
    )


def _transformed(hypothesis: Hypothesis, unit: str, ground: Ground) -> pd.Series:
    values = _values(hypothesis, unit, ground)
    return transform_series(values, hypothesis.transform, unit=unit)


def _values(hypothesis: Hypothesis, unit: str, ground: Ground) -> pd.Series:
    first, last = hypothesis.period or ground.period
    source = source_of(hypothesis)
    try:
        values = ground.panel.series(hypothesis.outcome, unit, source=source)
    except UsageError:  # declared, but without a single value
        of = f" from {source}" if source else ""
        raise DesignError(
            f"There are no data: {hypothesis.outcome} of {unit} has no value{of}."
        ) from None
    return values.loc[(values.index >= first) & (values.index <= last)]
