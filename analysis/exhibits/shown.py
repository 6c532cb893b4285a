"""Choose the series that the report shows: those of claims, then those the study asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from analysis.errors import UsageError
from analysis.exhibits.record import PLACEBO
from analysis.paths import StudyPaths
from analysis.records.hypothesis import Hypothesis
from analysis.records.study import Study

MOST_SERIES = 12  # four rows of panels fill a page
SHOWN = "passages/shown.list"  # below data/
MAIN = "primary"

SeriesKey = tuple[str, str]  # variable and unit


@dataclass(frozen=True, slots=True)
class Chosen:
    """The series a report shows.

    Attributes:
        keys: Variable and unit of each.
        n_drawn: How many of them, from the first, one figure draws together.
        n_left_out: How many more the data hold in the period.
    """

    keys: tuple[SeriesKey, ...]
    n_drawn: int
    n_left_out: int


def choose_series(study: Study) -> Chosen:
    """Choose the series to show, in order.

    The series of main claims come first, then the variables listed in `data/passages/shown.list`,
    each for the unit nearest to the claims, up to a page; without such a list, what is nearest to
    the claims. The series of all other claims follow; they are tabulated and not drawn together.

    Raises:
        UsageError: The list names a variable that has no value in the period.
    """
    present = _series_with_values(study)
    known = set(present)
    claims = [each for each in study.hypotheses.values() if each.role != PLACEBO]
    main = _claimed([each for each in claims if each.role == MAIN and not each.beside], known)
    asked = [_find_nearest(variable, present) for variable in _read_list(study)]
    most = max(MOST_SERIES, len(asked))
    first = dict.fromkeys([*main[: most - len(asked)], *(asked or present[:most])])
    drawn = list(first)[:most]
    every = _claimed(claims, known)
    keys = tuple(dict.fromkeys([*drawn, *main, *every]))
    return Chosen(keys, len(drawn), len(present) - len(keys))


def unit_of_exposure(hypothesis: Hypothesis) -> str:
    """The unit an exposure is recorded for: as declared, or that of the claim."""
    if not hypothesis.exposure:
        return ""
    own = hypothesis.units[0] if hypothesis.units else ""
    return hypothesis.unit_of.get(hypothesis.exposure, own)


def _claimed(hypotheses: Iterable[Hypothesis], present: set[SeriesKey]) -> list[SeriesKey]:
    """The series of claims that have values, each once."""
    return list(dict.fromkeys(key for each in hypotheses for key in _of(each) if key in present))


def _of(hypothesis: Hypothesis) -> Iterator[SeriesKey]:
    for unit in hypothesis.units[:2]:  # more than two are a panel, which is no series
        yield hypothesis.outcome, unit
    if hypothesis.exposure:
        yield hypothesis.exposure, unit_of_exposure(hypothesis)


def _series_with_values(study: Study) -> list[SeriesKey]:
    """Give every series with a value in the period, those nearest to the claims first."""
    rows = study.observations.dropna(subset=["value"])
    rows = rows[rows["year"].between(*study.settings.period)]
    keys = set(zip(rows["variable"], rows["unit"], strict=True))
    claims = [each for each in study.hypotheses.values() if each.role != PLACEBO]
    named = Counter(unit for each in claims for unit in each.units[:1])
    return sorted(keys, key=lambda key: (_distance(study, key[1], named), key))


def _distance(study: Study, unit: str, named: Mapping[str, int]) -> tuple[int, int]:
    """Say how far a unit is from the claims: those most claims are about, states, other pairs."""
    if unit in named:
        return 0, -named[unit]
    return (1 if study.units[unit].kind in {"state", "group"} else 2), 0


def _read_list(study: Study) -> list[str]:
    path = StudyPaths(study.root).data / SHOWN
    return path.read_text("utf-8").split() if path.exists() else []


def _find_nearest(variable: str, present: list[SeriesKey]) -> SeriesKey:
    for key in present:
        if key[0] == variable:
            return key
    raise UsageError(
        f"data/{SHOWN} asks to show {variable}, which has no value in the study's period; "
        "name a variable of data/codebook.csv that has one."
    )
