"""What every trial of a run stands on, and the series it reads from there."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from analysis.calibration.break_law import DateLaw, DateShelf
from analysis.calibration.steps import StepsTest, calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.calibration.terms import TermsTest, calibrate_terms
from analysis.design.steps import StepsDesign
from analysis.design.terms import TermsDesign
from analysis.errors import DesignError, UsageError
from analysis.panel.panel import Panel
from analysis.panel.transform import transform_series
from analysis.records.claims import Claim
from analysis.records.hypothesis import Hypothesis
from analysis.records.junctures import Juncture
from analysis.records.words import join_words
from analysis.verdict.cells import owner_of, source_of

LOOK_SERIES = 400  # behind rates of looks, which only stand in for a p that is held against .10


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
        rate_series: Simulated series behind each rate of tests that are costly to repeat.
        path_draws: Null series shared by all paths of a claim.
        of_main: Whether main tests stand on it; the maximised p of a look is not asked for.
        events: Dated happenings, as in `events.csv`.
        claims: Statements of fact by id.
        hypotheses: Every declared claim, for those that judge others.
    """

    panel: Panel
    junctures: Mapping[str, Juncture]
    period: tuple[int, int]
    shelf: LawShelf
    draws: int
    look_shelf: LawShelf
    look_draws: int
    rate_series: int = 4_000
    path_draws: int = 999
    of_main: bool = True
    events: pd.DataFrame = field(default_factory=pd.DataFrame)
    claims: Mapping[str, Claim] = field(default_factory=dict)
    hypotheses: Mapping[str, Hypothesis] = field(default_factory=dict)
    _tests: dict[tuple[str, bytes], StepsTest] = field(default_factory=dict)
    _date_laws: dict[int, dict[str, DateLaw]] = field(default_factory=dict)

    @property
    def date_shelf(self) -> DateShelf:
        """Null laws of steps at unknown dates; claims on the same years and dates share them."""
        shelf = self.shelf
        laws = self._date_laws.setdefault(shelf.series, {})
        return DateShelf(shelf.seed, shelf.series, shelf.jobs, laws)

    def test(self, design: StepsDesign) -> StepsTest:
        """Fit and null law of a design; claims on several of its terms share them."""
        key = self._key(design)
        if key not in self._tests:
            self._tests[key] = (
                calibrate_terms(design, self.shelf, draws=self.draws)
                if isinstance(design, TermsDesign)
                else calibrate_steps(design, self.shelf, draws=self.draws)
            )
        return self._tests[key]

    def known(self, test: StepsTest) -> StepsTest:
        """The test of this design and series that claims share, which may be this one."""
        return self._tests.setdefault(self._key(test.design), test)

    def _key(self, design: StepsDesign) -> tuple[str, bytes]:
        values = design.series.to_numpy(dtype=float).tobytes()
        return self.shelf.key(design.layout, design.contrasts), values

    def test_terms(self, design: TermsDesign) -> TermsTest:
        """The same for a design whose terms are sums of coefficients."""
        test = self.test(design)
        assert isinstance(test, TermsTest)
        return test

    @cached_property
    def of_looks(self) -> "Ground":
        """The same ground for looks, with fewer simulated series."""
        return replace(
            self,
            shelf=self.look_shelf,
            draws=self.look_draws,
            rate_series=min(self.rate_series, LOOK_SERIES),
            of_main=False,
            _tests={},
        )

    @property
    def of_one_process(self) -> "Ground":
        """The same ground for one of several processes, which starts no others itself."""
        return replace(
            self,
            shelf=replace(self.shelf, jobs=1),
            look_shelf=replace(self.look_shelf, jobs=1),
        )

    def onsets(self, hypothesis: Hypothesis) -> dict[str, int]:
        """First year after each juncture of the claim."""
        return {name: self.junctures[name].onset for name in hypothesis.junctures}

    def period_of(self, hypothesis: Hypothesis) -> tuple[int, int]:
        return hypothesis.period or self.period

    def name_of(self, hypothesis: Hypothesis, unit: str | None = None) -> str:
        """What the series is called in messages."""
        first, last = self.period_of(hypothesis)
        return f"{hypothesis.outcome} of {unit or hypothesis.units[0]} in {first}-{last}"

    def values(self, hypothesis: Hypothesis, unit: str | None = None) -> pd.Series:
        """The outcome as observed in the period, by year.

        Raises:
            DesignError: There is not a single value.
        """
        unit, source = unit or hypothesis.units[0], source_of(hypothesis)
        return self._read(hypothesis, hypothesis.outcome, unit, source)

    def transformed(self, hypothesis: Hypothesis, unit: str | None = None) -> pd.Series:
        """The outcome as the estimator takes it, by year."""
        unit = unit or hypothesis.units[0]
        return transform_series(self.values(hypothesis, unit), hypothesis.transform, unit=unit)

    def series(self, hypothesis: Hypothesis, *, gap: bool = False) -> pd.Series:
        """The transformed outcome of the one unit, or its distance to the comparison units.

        Raises:
            DesignError: Several units are declared, or there are no values.
        """
        if len(hypothesis.units) > 1:
            raise DesignError(
                f"The design {hypothesis.design} tests one series, but "
                f"{join_words(hypothesis.units)} are declared; declare a claim for each."
            )
        own = self.transformed(hypothesis)
        if not gap:
            return own
        others = [self.transformed(hypothesis, unit) for unit in hypothesis.comparison]
        distance: pd.Series = own - pd.concat(others, axis=1, join="inner").mean(axis=1)
        return distance.dropna()

    def other(self, hypothesis: Hypothesis, variable: str) -> pd.Series:
        """A further variable, such as an exposure, for the unit it is recorded of, by year."""
        unit = owner_of(variable, hypothesis, self.panel)
        values = self._read(hypothesis, variable, unit, None)
        transform = hypothesis.transform_of.get(variable, "none")
        return transform_series(values, transform, unit=unit).rename(f"{variable} of {unit}")

    def controls(self, hypothesis: Hypothesis) -> pd.DataFrame | None:
        """The controls of the claim, by year; None if none are declared."""
        if not hypothesis.controls:
            return None
        return pd.DataFrame(
            {
                name: transform_series(
                    self.panel.series(name, owner_of(name, hypothesis, self.panel)),
                    hypothesis.transform_of.get(name, "none"),
                )
                for name in hypothesis.controls
            }
        )

    def _read(
        self, hypothesis: Hypothesis, variable: str, unit: str, source: str | None
    ) -> pd.Series:
        first, last = self.period_of(hypothesis)
        try:
            values = self.panel.series(variable, unit, source=source)
        except UsageError:  # declared, but without a single value
            of = f" from {source}" if source else ""
            raise DesignError(
                f"There are no data: {variable} of {unit} has no value{of}."
            ) from None
        return values.loc[(values.index >= first) & (values.index <= last)]
