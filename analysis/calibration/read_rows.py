"""Read every term of a test, whatever the design, into the rows of a result."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.calibration.ask_rivals import cells_of
from analysis.calibration.asked import Asked
from analysis.calibration.measure import Gauge
from analysis.calibration.steps import StepsTest
from analysis.calibration.tested import Question, SelfMeasuring


@dataclass(frozen=True, slots=True)
class Direction:
    """What p is against, and its level."""

    alternative: str
    alpha: float


def rows_of(
    test: StepsTest | SelfMeasuring,
    asked: Asked | Direction,
    gauge: Gauge,
    *,
    terms: Sequence[str] | None = None,
    smallest: float | None = None,
) -> dict[str, tuple[float, ...]]:
    """Estimate, p, interval, size and detectable effect of each term.

    Args:
        test: Any calibrated test.
        asked: Alternative and level.
        gauge: Measures size and power.
        terms: Which terms; None for all but "joint", which has no direction.
        smallest: The effect at which power is counted, in the unit of the estimates; None for one
            marginal sd.
    """
    effect = test.marginal_sd if smallest is None else smallest
    rows = {}
    for term in terms if terms is not None else [term for term in test.terms if term != "joint"]:
        question = Question(term, asked.alternative, asked.alpha, asked.alpha, effect, effect)
        reading = test.read(term, alternative=asked.alternative, alpha=asked.alpha)
        rows[term] = cells_of(reading, gauge.measure(test, question))
    return rows
