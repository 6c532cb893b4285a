"""Measure every method in every cell of the grid."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.metadata import version

from joblib import Parallel, delayed

from analysis.calibration.store import LawShelf
from analysis.kernel.threads import one_thread
from benchmarks.leaderboard.grid import (
    ALPHA,
    LENGTHS,
    ONSETS,
    QUESTIONS,
    RHOS,
    SEED,
    TRENDS,
    Question,
    step_height,
)
from benchmarks.leaderboard.habits import HABITS, Habit
from benchmarks.leaderboard.ours import measure_date_sets, measure_steps
from benchmarks.leaderboard.table import FALSE_POSITIVE, POWER, Rate, make_rate

SERIES = 20_000  # a cell
DATE_SET_SERIES = 10_000  # each is compared with up to 6,545 sets of dates


def measure_all(versions: Mapping[str, str], jobs: int) -> list[Rate]:
    """All rows of `rates.csv`, by method.

    Args:
        versions: Of the packages that have their own environment, by name in lower case.
        jobs: Processes; the result does not depend on it.
    """
    known = {**versions, "statsmodels": version("statsmodels")}
    tasks = [delayed(_calibrated)(each) for each in QUESTIONS]
    tasks += [delayed(_date_sets)(length) for length in LENGTHS]
    tasks += [
        delayed(_habit)(place, known[habit.package.lower()], each)
        for place, habit in enumerate(HABITS)
        for each in QUESTIONS
    ]
    return [row for rows in Parallel(n_jobs=jobs)(tasks) for row in rows]


def _calibrated(question: Question) -> list[Rate]:
    with one_thread():  # products split over threads would round differently
        return list(measure_steps(question, LawShelf(seed=SEED), SERIES))


def _date_sets(length: int) -> list[Rate]:
    """Rows for every trend, which the test does not see."""
    asked = Question(length, TRENDS[0], max(ONSETS))
    rows = list(measure_date_sets(asked, DATE_SET_SERIES))
    return [replace(row, trend=trend) for trend in TRENDS for row in rows]


def _habit(place: int, number: str, question: Question) -> list[Rate]:
    with one_thread():
        return list(measure_habit(HABITS[place], number, question, SERIES))


def measure_habit(
    habit: Habit, number: str, question: Question, series: int, stream: str = "leaderboard"
) -> Iterator[Rate]:
    """One method on one design, at every rho; nothing where the package has no answer."""
    if not habit.offers(question):
        return
    names = (habit.method, habit.package, number)
    for rho in RHOS:
        errors = question.errors(rho, series, stream)
        raised = errors + step_height(rho) * question.staircase
        for measure, rows in ((FALSE_POSITIVE, errors), (POWER, raised)):
            share = float((habit.p_values(rows, question) <= ALPHA).mean())
            yield make_rate(names, question, rho, measure, share, series)
