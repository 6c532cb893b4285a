"""One question of a panel in words: the answer, its form, and what is refused."""

import numpy as np
import pandas as pd
import pytest

import analysis
from analysis import DesignError, Panel, Result, UsageError
from analysis.calibration import ask
from analysis.calibration.measure import Gauge
from analysis.calibration.store import LawShelf
from tests.dense import dense_fit, dense_rho

YEARS = np.arange(1992, 2023)
JUNCTURES = {"pivot": 2012, "thaad": 2017}


@pytest.fixture
def panel() -> Panel:
    """Sales of A, with trend, noise and a rise of 6 in 2012; B has ten years only."""
    noise = np.random.default_rng(12).standard_normal(31)
    sales = 0.3 * (YEARS - 1992) + noise + 6 * (YEARS >= 2012)
    long = pd.DataFrame({"country": "A", "year": YEARS, "sales": sales})
    short = pd.DataFrame({"country": "B", "year": YEARS[:10], "sales": noise[:10]})
    return Panel.from_frame(pd.concat([long, short]), unit="country", year="year")


@pytest.fixture
def quick(monkeypatch):
    """Fewer simulated series: the law at 400 a node, rates from 500."""
    monkeypatch.setattr(ask, "shared_shelf", lambda seed: LawShelf(seed=seed, series=400))
    monkeypatch.setattr(ask, "Gauge", lambda shelf: Gauge(shelf, series=500))


def answer(panel: Panel, **changes: object) -> Result:
    asked = {"outcome": "sales", "unit": "A", "junctures": JUNCTURES, "draws": 999}
    return analysis.steps(panel, **(asked | changes))


def test_the_answer_has_the_estimates_of_the_full_matrices(panel, quick):
    x = np.column_stack([np.ones(31), YEARS - 2007, YEARS >= 2012, YEARS >= 2017]).astype(float)
    y = panel.series("sales", "A").to_numpy()

    table = answer(panel).to_frame()

    dense = dense_fit(y, x, YEARS, dense_rho(y, x, YEARS))
    errors = np.sqrt(np.diag(dense.covariance))
    assert table.index.tolist() == ["pivot", "thaad", "total"]
    assert table.loc["pivot", "estimate"] == pytest.approx(dense.beta[2], rel=1e-4)
    assert table.loc["thaad", "std_error"] == pytest.approx(errors[3], rel=1e-4)
    assert table.loc["total", "estimate"] == pytest.approx(dense.beta[2:].sum(), rel=1e-4)
    ratio = table["estimate"] / table["std_error"]
    assert table["statistic"].to_numpy() == pytest.approx(ratio.to_numpy())


def test_a_planted_step_is_found_and_an_absent_one_is_not(panel, quick):
    table = answer(panel, alternative="greater").to_frame()

    assert table.loc["pivot", "p_value"] <= 0.01
    assert table.loc["pivot", "conf_low"] < 6 < table.loc["pivot", "conf_high"]
    assert table.loc["thaad", "p_value"] > 0.1
    assert table["size"].between(0.02, 0.12).all()  # 500 series: four errors about .05 to .075


def test_the_result_says_what_how_many_and_how(panel, quick):
    result = answer(panel, period=(1995, 2022))

    assert result.n_obs == 28
    assert result.years == (1995, 2022)
    assert result.summary().startswith(
        "sales of A in sales: 28 years, 1995-2022\np against two-sided, 95 % intervals, rho = "
    )
    assert "2 steps, linear trend, AR(1) errors by REML" in result.method
    assert "999 simulated series" in result.method
    assert result.to_dict()["terms"]["pivot"] == result.to_frame().loc["pivot"].to_dict()
    assert "<table" in result._repr_html_()


def test_the_same_question_has_the_same_answer(panel, quick):
    assert repr(answer(panel)) == repr(answer(panel))
    assert repr(answer(panel, seed=2)) != repr(answer(panel))


def test_changing_the_table_of_a_result_does_not_change_the_result(panel, quick):
    result = answer(panel)

    table = result.to_frame()
    table.loc["pivot", "estimate"] = 99.0

    assert result.table.loc["pivot", "estimate"] != 99.0


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"unit": "B"}, DesignError, r"onset of pivot, 2012, lies outside the values of sales of"),
        ({"outcome": "price"}, UsageError, r'no variable "price"; known are sales'),
        ({"unit": "C"}, UsageError, r'no unit "C"; known are A and B'),
        ({"transform": "ln"}, UsageError, r'no transform "ln"; known are arcsine'),
        ({"trend": "cubic"}, DesignError, r"cubic is no trend; there are none, linear, quadratic"),
        ({"alternative": "up"}, UsageError, r'"up"; known are greater, less and two-sided'),
        ({"alpha": 5}, UsageError, r"alpha is 5; it must lie between 0 and 0\.5"),
        ({"draws": 9}, UsageError, r"9 draws are too few for a p-value; use 19 or more"),
        ({"junctures": {}}, DesignError, r"No juncture is given at which sales of A might have"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_asked_is_refused_in_words(panel, changes, error, words):
    with pytest.raises(error, match=words):
        answer(panel, **changes)
