"""Ask about two series: what every question has in common."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.calibration.ask import ALTERNATIVES, MIN_DRAWS
from analysis.calibration.bounds import BoundsTest
from analysis.calibration.measure import Gauge
from analysis.calibration.relation import RelationTest
from analysis.calibration.shelves import shared_shelf
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import LawShelf
from analysis.calibration.tested import Question
from analysis.errors import UsageError
from analysis.estimation.detailed_result import DetailedResult
from analysis.estimation.result import COLUMNS
from analysis.panel.panel import Panel
from analysis.panel.transform import outcome_unit, transform_series
from analysis.records.words import join_words


@dataclass(frozen=True, slots=True)
class Asked:
    """What every question has in common."""

    panel: Panel
    outcome: str
    unit: str
    transform: str
    alternative: str
    alpha: float
    period: tuple[int, int] | None
    draws: int
    seed: int

    def __post_init__(self) -> None:
        if self.alternative not in ALTERNATIVES:
            known = join_words(ALTERNATIVES)
            raise UsageError(f'There is no alternative "{self.alternative}"; known are {known}.')
        if not 0 < self.alpha < 0.5:
            raise UsageError(f"alpha is {self.alpha:g}; it must lie between 0 and 0.5.")
        if self.draws < MIN_DRAWS:
            raise UsageError(
                f"{self.draws} draws are too few for a p-value; use {MIN_DRAWS} or more."
            )

    @property
    def shelf(self) -> LawShelf:
        return shared_shelf(self.seed)

    def series(self, variable: str, unit: str, transform: str = "none") -> pd.Series:
        """Values of the period, transformed."""
        return transform_series(
            self.within(self.panel.series(variable, unit)), transform, unit=unit
        )

    def within(self, values: pd.Series) -> pd.Series:
        """The years of the period."""
        if self.period is None:
            return values
        first, last = self.period
        return values.loc[(values.index >= first) & (values.index <= last)]

    def controls(self, units: Mapping[str, str] | None) -> pd.DataFrame | None:
        """Each control of its unit."""
        if not units:
            return None
        return pd.DataFrame({name: self.series(name, unit) for name, unit in units.items()})

    @property
    def measured_in(self) -> str:
        return outcome_unit(
            self.transform, self.panel.codebook[self.outcome].measured_in or self.outcome
        )

    def table(self, test: StepsTest | RelationTest | BoundsTest, gauge: Gauge) -> pd.DataFrame:
        """One row a term."""
        rows = {term: self._row(test, gauge, term) for term in test.terms}
        table = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))
        return table.rename_axis("term")

    def _row(
        self, test: StepsTest | RelationTest | BoundsTest, gauge: Gauge, term: str
    ) -> tuple[float, ...]:
        """One term with its size and the effect it could find."""
        reading = test.read(term, alternative=self.alternative, alpha=self.alpha)
        sd = test.marginal_sd
        question = Question(term, self.alternative, self.alpha, self.alpha, sd, sd)
        measured = gauge.measure(test, question)
        return (
            reading.estimate,
            reading.std_error,
            reading.statistic,
            reading.p_value,
            *reading.wide,
            measured.size,
            measured.detectable,
        )

    def result(
        self,
        test: StepsTest | RelationTest | BoundsTest,
        gauge: Gauge,
        answer: str,
        tables: Mapping[str, pd.DataFrame],
    ) -> DetailedResult:
        """All terms in the form that tables and notebooks read."""
        return DetailedResult(
            outcome=self.outcome,
            unit=self.unit,
            measured_in=self.measured_in,
            table=self.table(test, gauge),
            n_obs=len(test.years),
            years=(int(test.years[0]), int(test.years[-1])),
            alternative=self.alternative,
            level=1 - self.alpha,
            error_model={**test.error_model, "sd": test.marginal_sd},
            method=test.method,
            answer=answer,
            tables=tables,
        )
