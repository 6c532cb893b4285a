"""Count false positives and coverage of one test under a declared departure from its model."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from analysis.calibration.departures import DEPARTURES, draw_departure
from analysis.calibration.power_curves import Asked, Rate, coverage_in, fit_test, size_in
from analysis.calibration.steps import StepsTest


@dataclass(frozen=True, slots=True)
class DepartureRate:
    """What one test finds where nothing happens and the model does not hold.

    Attributes:
        departure: Key in `DEPARTURES`.
        words: What it is.
        asked: The test.
        series: Simulated series behind each rate.
        size: False-positive rate, rho and kappa estimated anew in every series.
        coverage: Share of series whose 1 - alpha interval covers zero; None for the joint F.
    """

    departure: str
    words: str
    asked: Asked
    series: int
    size: Rate
    coverage: Rate | None

    def to_dict(self) -> dict[str, object]:
        fields = asdict(self)
        return {**fields.pop("asked"), **fields}

    def to_frame(self) -> pd.DataFrame:
        """One row: size and coverage with their Monte Carlo errors."""
        return pd.json_normalize([self.to_dict()]).set_index("departure")


def measure_departure(
    name: str, test: StepsTest, questions: Sequence[Asked], *, seed: int, series: int
) -> list[DepartureRate]:
    """Rates of several terms of one test, all counted in the same series.

    Args:
        name: Key in `DEPARTURES`; one of `departures_of` the design.
        test: Fit and null law.
        questions: Term, alternative and level of each claim.
        seed: Of the simulation.
        series: Simulated series.
    """
    fits = fit_test(draw_departure(name, test, seed=seed, series=series), test)
    return [
        DepartureRate(
            departure=name,
            words=DEPARTURES[name].words,
            asked=asked,
            series=series,
            size=size_in(test, asked, fits),
            coverage=coverage_in(test, asked, fits),
        )
        for asked in questions
    ]
