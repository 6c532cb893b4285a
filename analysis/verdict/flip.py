"""How little would have to be otherwise in the data for the finding to turn.

One value at a time is moved by up to 100 %, up and down, and to zero; then all values since the
onset together; then one year at a time is left out. Where to look is read from the tabulated null
law (`verdict.altered`) or, for designs that it cannot tell of, from tests with fewer draws at a few
steps; what is told has been tested again as the claim itself was. Looks, placebos, comparison
units, the other members of the family and the measured power stay as they are. A search that does
not come to the finding itself where nothing is altered tells nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.reread import reread
from analysis.calibration.steps import StepsTest
from analysis.design.steps import MIN_VALUES
from analysis.errors import DesignError
from analysis.kernel.layout import Layout
from analysis.verdict.altered import can_be_altered, see_altered
from analysis.verdict.bench import Bench
from analysis.verdict.looks import LookNumbers
from analysis.verdict.rule import Finding

FloatArray = NDArray[np.float64]
PERCENTS = np.array([1, 2, 3, 4, 5, 7.5, 10, 12.5, 15, 20, 25, 30, 40, 50, 60, 75, 90, 100])
HALVINGS = 6
FEW_PERCENTS, FEW_HALVINGS = np.array([25, 100]), 4  # where every step is a test
# What a change is stretched by till it turns: a table may tell of a smaller one than tests find.
OUTWARD = (1.0, 1.02, 1.05, 1.1, 1.2, 1.35, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)
MOST_CONFIRMED = 3  # values whose smallest changes are tested again, the smallest first
Alter = Callable[[float], FloatArray]


@dataclass(frozen=True, slots=True)
class Change:
    """A change that turns the finding.

    Attributes:
        percent: Of the value, with its sign; nan for one that is zero.
        finding: What it turns into.
        year: Of the value; None for all since the onset.
        before: The value as observed; None for several.
        after: The value that turns it; None for several.
        unit: Whose values they are, where the claim reads the outcome of two; "" elsewhere.
        variable: What they are values of; "" for the outcome of the claim.
        source: Which source says so, where each is read by itself; "" elsewhere.
    """

    percent: float
    finding: str
    year: int | None = None
    before: float | None = None
    after: float | None = None
    unit: str = ""
    variable: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Flip:
    """What turns a finding.

    Attributes:
        cell: Smallest change of one value; None if none does.
        since_onset: Smallest change of all values since the onset; None if none does.
        years: Years whose leaving out turns it, with the finding then; None if not searched.
        sources: The finding by each look at another source or vintage, by name.
        altered: Whether altered values could be read at all.
        events: Events whose leaving out turns it, with the finding then; None where none are read.
        one_more: The finding with one event more of the kind that is counted; "" elsewhere.
        tested: Whether a few changes of each value were tested, not many read from a table.
    """

    cell: Change | None
    since_onset: Change | None
    years: Mapping[int, str] | None
    sources: Mapping[str, str]
    altered: bool = True
    events: Mapping[str, str] | None = None
    one_more: str = ""
    tested: bool = False


@dataclass(frozen=True, eq=False)
class Again:
    """The claim tested again on another outcome, by year; nan leaves a year out.

    Attributes:
        fully: As the claim itself was; `untestable` where the design refuses.
        roughly: From fewer draws, to see where to look.
        possible: Whether the variable can have these values.
    """

    fully: Callable[[pd.Series], Finding]
    roughly: Callable[[pd.Series], Finding]
    possible: Callable[[FloatArray], bool]


def find_flip(
    bench: Bench,
    finding: Finding,
    onset: int | None,
    sources: Mapping[str, LookNumbers],
    again: Again,
) -> Flip | None:
    """Search for the smallest changes that turn the finding; None where none can be searched.

    Args:
        bench: The claim.
        finding: As decided.
        onset: First year counted as after; None for claims without a date.
        sources: Looks at other sources or vintages, by name.
        again: Tests the claim on other outcomes.
    """
    search = _Search(bench, finding, again)
    altered = can_be_altered(bench.trial) and search.is_faithful()
    if not altered and len(bench.trial.raw):
        search = replace(search, tested=True)
        altered = search.is_faithful()
    years = search.left_out(altered)
    if not altered and years is None and not sources:
        return None
    return Flip(
        cell=search.cell() if altered else None,
        since_onset=search.since(onset) if altered and onset is not None else None,
        years=years,
        sources={name: bench.decide_look(look).value for name, look in sources.items()},
        altered=altered,
        tested=search.tested,
    )


def find_flip_of_either(
    bench: Bench,
    finding: Finding,
    onset: int | None,
    sources: Mapping[str, LookNumbers],
    units: Mapping[str, tuple[pd.Series, Again]],
) -> Flip | None:
    """The same for a claim that reads the outcome of two units: values of either are altered.

    `units` holds, by unit, the outcome as observed and what tests the claim on other values of it.
    """
    _, again = next(iter(units.values()))
    plain = find_flip(bench, finding, onset, sources, again)
    cells, later = [], []
    for unit, (raw, test) in units.items():
        own = replace(bench, trial=replace(bench.trial, raw=raw))
        search = _Search(own, finding, test, tested=True)
        if not search.is_faithful():
            return plain
        cell, since = search.cell(), None if onset is None else search.since(onset)
        cells += [] if cell is None else [replace(cell, unit=unit)]
        later += [] if since is None else [replace(since, unit=unit)]
    return Flip(
        cell=_smaller(cells),
        since_onset=_smaller(later),
        years=None if plain is None else plain.years,
        sources={} if plain is None else plain.sources,
        tested=True,
    )


def _smaller(changes: list[Change]) -> Change | None:
    return min(changes, key=lambda change: abs(change.percent), default=None)


def smallest_change(
    turn: Callable[[FloatArray], list[bool]], percents: FloatArray, halvings: int
) -> float | None:
    """The smallest change in percent that turns a finding, up or down; None where none does.

    Args:
        turn: Whether each of several changes, with their signs, turns it.
        percents: Tried up and down, ascending.
        halvings: Of the way from the largest tried that does not turn it to the smallest that does.
    """
    steps = np.concatenate([percents, -percents])
    turning = [(abs(step), -step) for step, turns in zip(steps, turn(steps), strict=True) if turns]
    if not turning:
        return None
    step = -min(turning)[1]
    before = float(max([0.0, *percents[abs(step) > percents]]))
    low, high = before * np.sign(step), float(step)
    for _ in range(halvings):
        middle = (low + high) / 2
        if turn(np.array([middle]))[0]:
            high = middle
        else:
            low = middle
    return high


@dataclass(frozen=True, eq=False)
class _Search:
    """The search on one claim; `tested`, every altered outcome is put to a test of its own."""

    bench: Bench
    finding: Finding
    again: Again
    tested: bool = False

    def is_faithful(self) -> bool:
        """Whether the outcome as it is comes to the finding as it is."""
        return self._findings([self.raw]) == [self.finding]

    @property
    def years(self) -> list[int]:
        return [int(year) for year in self.bench.trial.raw.index]

    @property
    def raw(self) -> FloatArray:
        values: FloatArray = self.bench.trial.raw.to_numpy(dtype=float)
        return values

    def cell(self) -> Change | None:
        """The smallest change of one value."""
        found = []
        for place, value in enumerate(self.raw):
            alter = partial(self._one, place)
            if value != 0 and (percent := self._smallest(alter)) is not None:
                found.append((abs(percent), percent, place, alter))
        confirmed: list[Change] = []
        for size, percent, place, alter in sorted(found, key=lambda one: one[:3])[:MOST_CONFIRMED]:
            if any(abs(each.percent) <= size for each in confirmed):
                break
            change = self._confirmed(percent, alter)
            if change is not None:
                before, after = self.raw[place], alter(1 + change.percent / 100)[place]
                told = replace(change, year=self.years[place], before=float(before))
                percent = _moved(before, after, told.percent)
                confirmed.append(replace(told, percent=percent, after=float(after)))
        return _smaller(confirmed)

    def since(self, onset: int) -> Change | None:
        """The smallest change of all values since the onset."""
        later = np.array(self.years) >= onset

        def alter(factor: float) -> FloatArray:
            return self._whole(np.where(later, self.raw * factor, self.raw))

        percent = self._smallest(alter)
        return None if percent is None else self._confirmed(percent, alter)

    def left_out(self, altered: bool) -> dict[int, str] | None:
        """Years without which the finding is another; None where that was not searched."""
        trial, roughly = self.bench.trial, self.again.roughly
        test, raw = trial.test, pd.Series(self.raw, self.years)
        if isinstance(test, StepsTest) and trial.term in test.terms and not self.bench.guarded:
            if not ((altered and not self.tested) or self._reads_itself(test)):
                return None
            suspects = [
                int(year)
                for place, year in enumerate(test.years)
                if self._without(test, place) is not self.finding
            ]
        elif len(raw) and roughly(raw) is self.finding:
            suspects = [
                year for year in self.years if roughly(self._less(year)) is not self.finding
            ]
        else:
            return None
        found = {year: self.again.fully(self._less(year)) for year in suspects}
        return {year: each.value for year, each in found.items() if each is not self.finding}

    def _less(self, year: int) -> pd.Series:
        without = pd.Series(self.raw, self.years)
        without[year] = np.nan
        return without

    def _reads_itself(self, test: StepsTest) -> bool:
        """Whether the table comes to the finding of a series that cannot be altered."""
        values = test.design.series.to_numpy(dtype=float)
        seen = reread(
            test,
            self.bench.trial.term,
            values[None, :],
            alternative=self.bench.trial.hypothesis.alternative,
            alpha=self.bench.trial.hypothesis.alpha,
        )
        return self.bench.decide_again(seen) == [self.finding]

    def _without(self, test: StepsTest, place: int) -> Finding | None:
        """The finding without one year; None where the design or the regressors need it."""
        trial, design = self.bench.trial, test.design
        values = design.series.to_numpy(dtype=float)
        kept = np.arange(len(values)) != place
        layout = Layout(design.years[kept], design.layout.regressors[kept], design.layout.onset)
        few = len(values) <= MIN_VALUES
        if few or np.linalg.matrix_rank(layout.regressors) < layout.n_terms:
            return None
        seen = reread(
            test,
            trial.term,
            values[kept][None, :],
            alternative=trial.hypothesis.alternative,
            alpha=trial.hypothesis.alpha,
            layout=layout,
        )
        return self.bench.decide_again(seen)[0]

    def _confirmed(self, percent: float, alter: Alter) -> Change | None:
        """The first change from here outward that turns the claim when it is tested again."""
        tried = 0.0
        for factor in OUTWARD:
            step = np.copysign(min(100.0, np.ceil(10 * abs(percent) * factor) / 10), percent)
            if step == tried:
                continue
            tried = float(step)
            altered = alter(1 + tried / 100)
            if not self.again.possible(altered):
                break
            finding = self.again.fully(pd.Series(altered, self.years))
            if finding is not self.finding:
                return Change(tried, finding.value)
        return None

    def _one(self, place: int, factor: float) -> FloatArray:
        altered = self.raw.copy()
        altered[place] *= factor
        return self._whole(altered)

    def _whole(self, altered: FloatArray) -> FloatArray:
        """Counts are whole numbers, also where they are altered."""
        counted = np.array_equal(self.raw, np.rint(self.raw))
        return np.rint(altered) if counted and self.bench.counts else altered

    def _smallest(self, alter: Alter) -> float | None:
        """Signed percent of the smallest change that turns the finding, as far as can be read."""

        def turn(steps: FloatArray) -> list[bool]:
            found = self._findings([alter(1 + step / 100) for step in steps])
            return [each is not None and each is not self.finding for each in found]

        if self.tested:
            return smallest_change(turn, FEW_PERCENTS, FEW_HALVINGS)
        return smallest_change(turn, PERCENTS, HALVINGS)

    def _findings(self, altered: list[FloatArray]) -> list[Finding | None]:
        """The finding on each altered outcome; None where it has no transform."""
        trial = self.bench.trial
        possible = [place for place, each in enumerate(altered) if self.again.possible(each)]
        outcomes = [pd.Series(altered[place], index=trial.raw.index) for place in possible]
        findings: list[Finding | None] = [None] * len(altered)
        if self.tested:
            for place, outcome in zip(possible, outcomes, strict=True):
                findings[place] = self.again.roughly(outcome)
            return findings
        try:
            seen, places = see_altered(trial, outcomes, guarded=self.bench.guarded)
        except DesignError:
            return findings
        for place, finding in zip(places, self.bench.decide_again(seen), strict=True):
            findings[possible[place]] = finding
        return findings


def _moved(before: float, after: float, percent: float) -> float:
    """Percent by which a value has moved: a count goes to the nearest whole number."""
    exact = np.isclose(after, before * (1 + percent / 100), rtol=1e-9, atol=0)
    return percent if exact else round(100 * (after - before) / before, 1)
