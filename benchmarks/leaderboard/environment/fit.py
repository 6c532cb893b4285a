"""Fit series with pyfixest, CausalPy and StatsPAI themselves; runs in their own environment.

    python fit.py questions.npz answers.json

Reads arrays of series named "length-trend-steps" and writes the p-values that the packages report,
with their versions. It imports nothing of this project.
"""

import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import causalpy
import numpy as np
import pandas as pd
import pyfixest
import statspai
from sklearn.linear_model import LinearRegression

ONSETS = {1: [2012], 3: [2012, 2014, 2017]}
LAST_YEAR = 2022
SAMPLED = ("31-linear-1", "20-none-1", "31-linear-3")  # where PyMC is run: seconds a fit
DRAWS = {"random_seed": 1, "progressbar": False, "cores": 1}


class Question:
    def __init__(self, name: str) -> None:
        length, trend, steps = name.split("-")
        self.name, self.length, self.trend = name, int(length), trend
        self.onsets = ONSETS[int(steps)]
        self.years = np.arange(LAST_YEAR + 1 - self.length, LAST_YEAR + 1)
        self.positions = [self.length - (LAST_YEAR + 1 - onset) for onset in self.onsets]

    def frame(self, series: np.ndarray) -> pd.DataFrame:
        columns = {"y": series, "year": self.years, "t": np.arange(self.length, dtype=float)}
        steps = {f"s{n}": (self.years >= onset) * 1.0 for n, onset in enumerate(self.onsets)}
        return pd.DataFrame({**columns, **steps}, index=np.arange(self.length))


def feols(vcov: str) -> Callable[[Question, np.ndarray], float]:
    def fit(question: Question, series: np.ndarray) -> float:
        # The sum of the steps is one coefficient when the later steps stand as differences.
        data = question.frame(series)
        last = f"s{len(question.onsets) - 1}"
        data["total"] = data[last]
        parts = ["year"] if question.trend == "linear" else []
        parts.append("total")
        for place in range(len(question.onsets) - 1):
            data[f"before{place}"] = data[f"s{place}"] - data[last]
            parts.append(f"before{place}")
        lag = int(4 * (question.length / 100) ** (2 / 9))
        kwargs = {"vcov_kwargs": {"time_id": "year", "lag": lag}} if vcov == "NW" else {}
        fitted = pyfixest.feols(f"y ~ {' + '.join(parts)}", data, vcov=vcov, **kwargs)
        return float(fitted.pvalue()["total"])

    return fit


def its_formula(question: Question) -> str:
    return "y ~ 1 + t" if question.trend == "linear" else "y ~ 1"


def causalpy_ols(question: Question, series: np.ndarray) -> float:
    result = causalpy.InterruptedTimeSeries(
        question.frame(series), question.positions[0], its_formula(question),
        model=LinearRegression(),
    )  # fmt: skip
    return float(result.effect_summary().table.loc["average", "p_value"])


def causalpy_bayes(question: Question, series: np.ndarray) -> float:
    result = causalpy.InterruptedTimeSeries(
        question.frame(series), question.positions[0], its_formula(question),
        model=causalpy.pymc_models.LinearRegression(sample_kwargs=DRAWS),
    )  # fmt: skip
    return tail(result.effect_summary(direction="increase").table)


def piecewise(question: Question, series: np.ndarray) -> float:
    steps = "".join(f" + step(t, {position})" for position in question.positions)
    result = causalpy.PiecewiseITS(
        question.frame(series), its_formula(question) + steps,
        model=causalpy.pymc_models.LinearRegression(sample_kwargs=DRAWS),
    )  # fmt: skip
    last = question.length - 1
    table = result.effect_summary(direction="increase", window=(last, last)).table
    return tail(table)


def tail(table: pd.DataFrame) -> float:
    above = float(table.loc["average", "p_gt_0"])
    return 2 * min(above, 1 - above)


def statspai_its(question: Question, series: np.ndarray) -> float:
    fitted = statspai.its(
        question.frame(series), y="y", time="t", intervention=question.positions[0]
    )
    return float(fitted.pvalue_level)


def one_step(question: Question) -> bool:
    return len(question.onsets) == 1


CALLS = (
    ("pyfixest", "feols, iid", feols("iid"), lambda question: True),
    ("pyfixest", "feols, hetero", feols("hetero"), lambda question: True),
    ("pyfixest", "feols, NW", feols("NW"), lambda question: True),
    ("CausalPy", "ITS, OLS", causalpy_ols, one_step),
    (
        "CausalPy",
        "ITS, PyMC",
        causalpy_bayes,
        lambda question: one_step(question) and question.name in SAMPLED,
    ),
    ("CausalPy", "PiecewiseITS, PyMC", piecewise, lambda question: question.name in SAMPLED),
    (
        "StatsPAI",
        "its",
        statspai_its,
        lambda question: one_step(question) and question.trend == "linear",
    ),
)


def answers(given: dict[str, np.ndarray]) -> Iterator[dict[str, object]]:
    for package, method, call, offers in CALLS:
        for name, rows in given.items():
            question = Question(name)
            if offers(question):
                p_values = [call(question, series) for series in rows]
                yield {"package": package, "method": method, "question": name, "p": p_values}


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)
    with np.load(sys.argv[1]) as stored:
        given = {name: stored[name] for name in stored.files}
    names = ("causalpy", "pyfixest", "statspai", "pymc")
    found = {"versions": {name: version(name) for name in names}, "answers": list(answers(given))}
    Path(sys.argv[2]).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
