"""Put one hypothesis to the test: lay it on the panel, make its test, read off its term."""

from dataclasses import dataclass, replace

import pandas as pd

from analysis.calibration.steps import StepsTest
from analysis.calibration.store import Wanted
from analysis.calibration.tested import Question, SelfMeasuring, TermReading
from analysis.design.steps import StepsDesign
from analysis.design.unknown_date import UnknownDateDesign
from analysis.errors import DesignError, EstimationError
from analysis.panel.transform import outcome_unit
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.designs import LAYERS, MAKERS, Made, scanned_dates
from analysis.verdict.designs.series import dated_steps
from analysis.verdict.effect import EffectUnit, effect_unit
from analysis.verdict.ground import Ground

SHARING = ("steps", "kink", "lags", "counts", "asymmetry")  # designs whose laws others may share


@dataclass(frozen=True, eq=False)
class Trial:
    """A hypothesis that could be tested, and what the test reads.

    Attributes:
        hypothesis: The claim as declared, or as a look sees it.
        term: What of the test is read.
        test: The test, made.
        reading: Estimate, p-values and intervals of the term, transformed outcome.
        unit: The declared unit of effects.
        raw: The outcome as observed in the years used; empty for designs of many units.
        strongest: What stands for the estimate where the term has none; nan if nothing does.
        turned_by: For looks and gaps, the direction of the trial they are held against.
        smallest: S on the transformed outcome where the design sets it; None as declared.
    """

    hypothesis: Hypothesis
    term: str
    test: StepsTest | SelfMeasuring
    reading: TermReading
    unit: EffectUnit
    raw: pd.Series
    strongest: float = float("nan")
    turned_by: float | None = None
    smallest: float | None = None

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
        if self.reading.estimate != self.reading.estimate:  # nan: the term has no single effect
            return self.strongest
        return self.direction * self.reading.estimate

    @property
    def smallest_effect(self) -> float:
        """S on the transformed outcome."""
        if self.smallest is not None:
            return self.smallest
        return abs(self.unit.to_outcome(self.hypothesis.smallest_effect))

    @property
    def rejected_effect(self) -> float:
        """S where a finding says that effects of S are ruled out: in sd, the smallest S may be."""
        if self.unit.name != "sd" or self.smallest is not None:
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
            self.term, self.rejected_effect, alternative=self.hypothesis.alternative
        )

    def turned(self, interval: tuple[float, float]) -> tuple[float, float]:
        """An interval in the claimed direction."""
        low, high = sorted(self.direction * end for end in interval)
        return low, high

    def question(self, strict_alpha: float) -> Question:
        """What is asked of size and power."""
        return Question(
            term=self.term,
            alternative=self.hypothesis.alternative,
            alpha=self.hypothesis.alpha,
            strict_alpha=strict_alpha,
            smallest_effect=self.smallest_effect,
            claimed_effect=self.claimed_effect,
        )


def try_hypothesis(
    hypothesis: Hypothesis, ground: Ground, turned_by: float | None = None
) -> Trial | str:
    """Test a hypothesis, or give the sentence why it cannot be tested."""
    return _try(hypothesis, ground, turned_by, gap=False)


def try_gap(hypothesis: Hypothesis, ground: Ground, turned_by: float | None = None) -> Trial | str:
    """Test the same term in the distance of the unit to the mean of its comparison units."""
    return _try(hypothesis, ground, turned_by, gap=True)


def lay_out(hypothesis: Hypothesis, ground: Ground) -> StepsDesign | str:
    """The dated steps of a claim, before anything is fitted or simulated, or why there are none.

    Args:
        hypothesis: Its design is "none" or one of `STEPWISE`.
        ground: Panel and junctures.
    """
    if hypothesis.design == "none":
        return str(hypothesis.options["reason"])
    try:
        return dated_steps(hypothesis, ground, gap=False)
    except DesignError as refusal:
        return str(refusal)


def law_wanted(hypothesis: Hypothesis, ground: Ground) -> Wanted | None:
    """The null law of a design whose years and dates other claims may share."""
    if hypothesis.design not in SHARING:
        return None
    try:
        design = LAYERS[hypothesis.design](hypothesis, ground, gap=False)
    except (DesignError, EstimationError):
        return None  # the trial itself says why
    return Wanted(design.layout, design.contrasts, design.joint)


def scan_wanted(hypothesis: Hypothesis, ground: Ground) -> UnknownDateDesign | None:
    """The dates searched by a claim on an unknown one, whose null law other claims may share."""
    if hypothesis.design != "break_date":
        return None
    try:
        return scanned_dates(hypothesis, ground, gap=False)
    except (DesignError, EstimationError):
        return None  # the trial itself says why


def _try(
    hypothesis: Hypothesis, ground: Ground, turned_by: float | None, *, gap: bool
) -> Trial | str:
    if hypothesis.design == "none":
        return str(hypothesis.options["reason"])
    try:
        made = MAKERS[hypothesis.design](hypothesis, ground, gap)
        return replace(_read(hypothesis, ground, made), turned_by=turned_by)
    except (DesignError, EstimationError) as refusal:
        return str(refusal)


def _read(hypothesis: Hypothesis, ground: Ground, made: Made) -> Trial:
    test, term = made.test, made.term or hypothesis.term or made.test.terms[0]
    if term not in (*test.terms, "joint"):
        raise DesignError(
            f"The design {hypothesis.design} has no term {term}; its terms are "
            f"{', '.join(test.terms)}."
        )
    raw = _raw(hypothesis, ground, made)
    return Trial(
        hypothesis=hypothesis,
        term=term,
        test=test,
        reading=test.read(term, alternative=hypothesis.alternative, alpha=hypothesis.alpha),
        unit=made.unit or _unit(hypothesis, ground, test, raw),
        raw=raw,
        strongest=made.strongest,
        smallest=made.smallest,
    )


def _raw(hypothesis: Hypothesis, ground: Ground, made: Made) -> pd.Series:
    if not made.one_series:
        return pd.Series(dtype=float)
    return ground.values(hypothesis).reindex(made.test.years)


def _unit(
    hypothesis: Hypothesis, ground: Ground, test: StepsTest | SelfMeasuring, raw: pd.Series
) -> EffectUnit:
    measured_in = ground.panel.codebook[hypothesis.outcome].measured_in
    return effect_unit(
        hypothesis.effect_unit,
        transform=hypothesis.transform,
        outcome_unit=outcome_unit(hypothesis.transform, measured_in),
        marginal_sd=test.marginal_sd,
        smallest_value=float(raw.min()) if len(raw) else float("nan"),
    )
