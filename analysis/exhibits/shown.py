"""Choose the series that the report shows: those of claims, then those the study asks for."""

from __future__ import annotations

from analysis.errors import UsageError
from analysis.paths import StudyPaths
from analysis.records.study import Study

MOST_SERIES = 12  # four rows of panels fill a page
SHOWN = "passages/shown.list"  # below data/

SeriesKey = tuple[str, str]  # variable and unit


def choose_series(study: Study) -> tuple[list[SeriesKey], int]:
    """Give the series to show, in order, and how many more the data hold in the period.

    The outcomes of claims are always shown. After them come the variables listed in
    `data/passages/shown.list`, each for the unit nearest to the claims; without such a list, what
    is nearest to the claims, up to a page.

    Raises:
        UsageError: The list names a variable that has no value in the period.
    """
    present = _series_with_values(study)
    claimed = [
        (hypothesis.outcome, unit)
        for hypothesis in study.hypotheses.values()
        for unit in hypothesis.units
        if (hypothesis.outcome, unit) in present
    ]
    asked = [_find_nearest(variable, present) for variable in _read_list(study)]
    shown = list(dict.fromkeys([*claimed, *(asked or present)]))
    if not asked:
        shown = shown[: max(MOST_SERIES, len(set(claimed)))]
    return shown, len(present) - len(shown)


def _series_with_values(study: Study) -> list[SeriesKey]:
    """Give every series with a value in the period, those nearest to the claims first."""
    rows = study.observations.dropna(subset=["value"])
    rows = rows[rows["year"].between(*study.settings.period)]
    keys = set(zip(rows["variable"], rows["unit"], strict=True))
    return sorted(keys, key=lambda key: (_distance(study, key[1]), key))


def _distance(study: Study, unit: str) -> int:
    """Say how far a unit is from the claims: named by one, a state or group, or another pair."""
    if any(unit in hypothesis.units for hypothesis in study.hypotheses.values()):
        return 0
    return 1 if study.units[unit].kind in {"state", "group"} else 2


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
