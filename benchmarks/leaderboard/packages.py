"""Compare the formulas used for many series with the packages themselves on a few.

pyfixest, CausalPy and StatsPAI live in an environment of their own, which is made from
`environment/requirements.txt` and talks to this one through files.
"""

import json
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray

from analysis.errors import UsageError
from benchmarks.leaderboard.grid import ALPHA, QUESTIONS, Question
from benchmarks.leaderboard.habits import HABITS, Habit
from benchmarks.leaderboard.table import ROOT, Agreement

FloatArray = NDArray[np.float64]
HERE = Path(__file__).parent / "environment"
SCRATCH = ROOT / ".juncture-scratch" / "leaderboard"
COMPARED, RHO = 6, 0.6  # series a design, and their autocorrelation
STREAM = "leaderboard-compared"


def ask_packages() -> tuple[dict[str, str], dict[str, dict[str, list[float]]]]:
    """Versions by package, and by method and design the p-values the packages report."""
    python = _environment()
    asked, answered = SCRATCH / "questions.npz", SCRATCH / "answers.json"
    np.savez(asked, **compared_series())  # type: ignore[arg-type]
    subprocess.run([python, "-I", HERE / "fit.py", asked, answered], check=True, stdout=sys.stderr)
    found = json.loads(answered.read_text(encoding="utf-8"))
    p_values: dict[str, dict[str, list[float]]] = {}
    for answer in found["answers"]:
        p_values.setdefault(answer["method"], {})[answer["question"]] = answer["p"]
    return found["versions"], p_values


def compared_series() -> dict[str, FloatArray]:
    """A few series on every design."""
    return {question.name: question.errors(RHO, COMPARED, STREAM) for question in QUESTIONS}


def compare(
    versions: Mapping[str, str], reported: Mapping[str, Mapping[str, list[float]]]
) -> list[Agreement]:
    """How far each formula is from its package."""
    rows = [
        _agreement(habit, versions[habit.package.lower()], reported[habit.method])
        for habit in HABITS
        if habit.package != "statsmodels"
    ]
    return [*rows, *compare_statsmodels(QUESTIONS)]


def compare_statsmodels(questions: Sequence[Question]) -> list[Agreement]:
    """The same for statsmodels, which is installed here."""
    own = version("statsmodels")
    return [
        _agreement(habit, own, _by_statsmodels(habit, questions))
        for habit in HABITS
        if habit.package == "statsmodels"
    ]


def _agreement(habit: Habit, number: str, reported: Mapping[str, list[float]]) -> Agreement:
    series = compared_series()
    questions = {question.name: question for question in QUESTIONS}
    formula = np.concatenate([habit.p_values(series[name], questions[name]) for name in reported])
    package = np.concatenate([np.array(p_values) for p_values in reported.values()])
    return Agreement(
        habit.method,
        habit.package,
        number,
        len(reported),
        len(package),
        float(np.median(np.abs(formula - package))),
        float(np.abs(formula - package).max()),
        int(((formula <= ALPHA) != (package <= ALPHA)).sum()),
    )


def _by_statsmodels(habit: Habit, questions: Sequence[Question]) -> dict[str, list[float]]:
    series = compared_series()
    return {
        question.name: [
            _one_by_statsmodels(habit.method, one, question) for one in series[question.name]
        ]
        for question in questions
    }


def _one_by_statsmodels(method: str, series: FloatArray, question: Question) -> float:
    x = question.design.layout.regressors
    if method == "SARIMAX":
        return _by_sarimax(series, x, question.row)
    if method == "GLSAR":
        fit = sm.GLSAR(series, x, 1).iterative_fit()
    elif method == "HAC":
        lags = int(4 * (question.length / 100) ** (2 / 9))
        fit = sm.OLS(series, x).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    else:
        fit = sm.OLS(series, x).fit()
    return float(np.squeeze(fit.t_test(question.row).pvalue))


def _by_sarimax(series: FloatArray, x: FloatArray, row: FloatArray) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # failed convergence is part of what users get
        fit = sm.tsa.SARIMAX(series, exog=x, order=(1, 0, 0)).fit(disp=0)
    wide = np.concatenate([row, np.zeros((1, 2))], axis=1)
    return float(np.squeeze(fit.t_test(wide).pvalue))


def _environment() -> Path:
    """The Python of the packages' environment, made anew when its requirements have changed."""
    folder, wanted = SCRATCH / "environment", (HERE / "requirements.txt").read_bytes()
    python, stamp = folder / "bin" / "python", folder / "made-from"
    if stamp.exists() and stamp.read_bytes() == wanted:
        return python
    sys.stderr.write("Making the environment of the compared packages; this takes a minute.\n")
    steps: tuple[list[str | Path], ...] = (
        [sys.executable, "-m", "venv", "--clear", folder],
        [python, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--require-hashes", "--only-binary", ":all:",
         "--requirement", HERE / "requirements.txt"],
    )  # fmt: skip
    for step in steps:
        if subprocess.run(step, check=False).returncode:
            raise UsageError(
                "The environment of the compared packages could not be made from "
                "benchmarks/leaderboard/environment/requirements.txt; a package registry has "
                "to be within reach."
            )
    stamp.write_bytes(wanted)
    return python
