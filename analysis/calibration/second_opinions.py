"""Read one term by other methods, and print with each how often it finds what is not there.

Second opinions hold their level better than habit does; comparisons are what users know. None of
them decides: the size of each is counted in null series of this very design at the
median-unbiased (rho, kappa), and stands beside its p-value.

The methods stand in `other_methods`.
"""

from dataclasses import asdict, dataclass
from html import escape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.law import simulate_errors
from analysis.calibration.other_methods import METHODS, Method, OneTerm
from analysis.calibration.reach import monte_carlo_error, reach_of_steps
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import LawShelf, layout_key
from analysis.errors import DesignError, UsageError
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.threads import one_thread
from analysis.records.words import join_words

FloatArray = NDArray[np.float64]
PRIMARY = "PB-REML-V"


@dataclass(frozen=True, slots=True)
class Opinion:
    """One method on one term.

    Attributes:
        method: Its name.
        group: "primary", "second opinion" or "comparison".
        statistic: t, nan where the method does not apply.
        p_value: For the alternative asked.
        size: Share of null series at the fitted (rho, kappa) with p of at most alpha.
        mc_error: Monte Carlo standard error of the size.
        series: Null series in which the size was counted.
        note: Peculiarity, or why the method does not apply.
    """

    method: str
    group: str
    statistic: float
    p_value: float
    size: float
    mc_error: float
    series: int
    note: str


@dataclass(frozen=True, eq=False, repr=False)
class Opinions:
    """All methods on one term.

    Attributes:
        name: The series.
        term: A juncture or "total".
        alternative: "greater", "less" or "two-sided".
        alpha: Level at which sizes were counted.
        rho: Median-unbiased autocorrelation of the null series.
        kappa: Their ratio of innovation sds.
        rows: One entry a method, the primary first.
    """

    name: str
    term: str
    alternative: str
    alpha: float
    rho: float
    kappa: float
    rows: tuple[Opinion, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row a method."""
        return pd.DataFrame([asdict(row) for row in self.rows]).set_index("method")

    def __repr__(self) -> str:
        table = self._shown().to_string(float_format="{:.3f}".format, index_names=False)
        return f"{self._heading()}\n{table}"

    def _repr_html_(self) -> str:
        table = self._shown().to_html(float_format="{:.3f}".format, na_rep="")
        return f"<p>{escape(self._heading())}</p>{table}"

    def _heading(self) -> str:
        return (
            f"{self.term} in {self.name}, p against {self.alternative}; size: found at "
            f"{100 * self.alpha:g} % in series of this design in which nothing happens, "
            f"rho = {self.rho:.2f}, kappa = {self.kappa:.2f}"
        )

    def _shown(self) -> pd.DataFrame:
        return self.to_frame()[["group", "statistic", "p_value", "size", "note"]]

    def to_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        return {
            "name": self.name,
            "term": self.term,
            "alternative": self.alternative,
            "alpha": self.alpha,
            "rho": self.rho,
            "kappa": self.kappa,
            "methods": [asdict(row) for row in self.rows],
        }


def tabulate_opinions(
    test: StepsTest,
    term: str,
    shelf: LawShelf,
    *,
    alternative: str = "two-sided",
    alpha: float = 0.05,
    series: int = 20_000,
) -> Opinions:
    """Read one term by every method and measure the size of each on this design.

    Args:
        test: The calibrated test of the design.
        term: A juncture or "total".
        shelf: Its seed is the seed of all draws.
        alternative: "greater", "less" or "two-sided".
        alpha: Level at which sizes are counted.
        series: Null series; the REML shifts are counted in an eighth of them.

    Raises:
        DesignError: The term is "joint", which these methods do not test.
        UsageError: There is no such alternative or term.
    """
    if term == "joint":
        raise DesignError("Second opinions are about one step or the total, not the joint test.")
    if term not in test.design.terms:
        known = join_words(test.design.terms)
        raise UsageError(f'{test.design.name} has no term "{term}"; its terms are {known}.')
    if alternative not in ("greater", "less", "two-sided"):
        raise UsageError(f'There is no alternative "{alternative}".')
    with one_thread():  # products split over threads would round differently
        question = OneTerm(test, term, shelf.seed)
        null = _null_series(test, shelf.seed, series)
        rows = [_primary(test, term, null, alternative, alpha)]
        for method in METHODS:
            rows.append(_opinion(method, question, null, alternative, alpha))
    design = test.design
    return Opinions(design.name, term, alternative, alpha, test.rho, test.kappa, tuple(rows))


def _primary(
    test: StepsTest, term: str, null: FloatArray, alternative: str, alpha: float
) -> Opinion:
    design = test.design
    contrast = design.terms.index(term)
    reading = test.read(term, alternative=alternative, alpha=alpha)
    fits = fit_ar1(null, design.layout, design.contrasts, design.joint)
    size = reach_of_steps(
        fits, test.law, contrast=contrast, alternative=alternative, alpha=alpha
    ).found()
    return Opinion(
        method=PRIMARY,
        group="primary",
        statistic=reading.statistic,
        p_value=reading.p_value,
        size=size,
        mc_error=monte_carlo_error(size, len(null)),
        series=len(null),
        note="decides",
    )


def _opinion(
    method: Method, question: OneTerm, null: FloatArray, alternative: str, alpha: float
) -> Opinion:
    nan = float("nan")
    try:
        reference = method.make(question)
        statistic, p_value = reference.read(question.observed, alternative)
    except DesignError as refusal:
        return Opinion(method.name, method.group, nan, nan, nan, nan, 0, str(refusal))
    counted = null[: max(1, len(null) // method.one_in)]
    _, found = reference.read(counted, alternative)
    size = float((found <= alpha + 1e-12).mean())
    return Opinion(
        method=method.name,
        group=method.group,
        statistic=float(statistic[0]),
        p_value=float(p_value[0]),
        size=size,
        mc_error=monte_carlo_error(size, len(counted)),
        series=len(counted),
        note=method.note,
    )


def _null_series(test: StepsTest, seed: int, series: int) -> FloatArray:
    layout = test.design.layout
    return simulate_errors(
        layout,
        rho=test.rho,
        kappa=test.kappa,
        seed=seed,
        stream=f"opinions:{layout_key(layout)}",
        series=series,
    )
