"""What a design gives a trial: a test, and how it is to be read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from analysis.calibration.steps import StepsTest
from analysis.calibration.tested import SelfMeasuring
from analysis.design.steps import StepsDesign
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.effect import EffectUnit
from analysis.verdict.ground import Ground


@dataclass(frozen=True, eq=False)
class Made:
    """A test laid on the panel.

    Attributes:
        test: The test.
        term: The term to read if the hypothesis does not say it.
        unit: The unit of effects where the design knows it better than transform and codebook.
        strongest: What stands for the estimate where the term has none.
        smallest: S on the transformed outcome where the design sets it.
        one_series: Whether the outcome of the one unit is what is tested.
    """

    test: StepsTest | SelfMeasuring
    term: str = ""
    unit: EffectUnit | None = None
    strongest: float = float("nan")
    smallest: float | None = None
    one_series: bool = True


# Given a hypothesis, the ground, and whether the distance to the comparison units is asked.
# Raises DesignError or EstimationError with the sentence why it cannot be tested.
Maker = Callable[[Hypothesis, Ground, bool], Made]


class Layer(Protocol):
    """Lays out the series of a hypothesis, or its distance to the comparison units."""

    def __call__(self, hypothesis: Hypothesis, ground: Ground, *, gap: bool) -> StepsDesign:
        """Raises DesignError where the data cannot answer."""
