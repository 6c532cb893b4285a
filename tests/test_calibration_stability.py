"""The usual tests of a stable regression: their p-values in R, and what they are worth here."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.stability import (
    check_segments,
    describe_stability,
    null_rho,
    stability_statistics,
)
from analysis.calibration.stability_laws import (
    fluctuation_p,
    mosum_p,
    recursive_cusum_p,
    usual_laws,
)
from analysis.design.unknown_date import UnknownDateDesign, unknown_date_design
from analysis.errors import DesignError
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals

REFERENCE = Path(__file__).parent / "reference"
R = json.loads((REFERENCE / "unknown_dates.json").read_text(encoding="utf-8"))
PHILLIPS = pd.read_csv(REFERENCE / "phillips_curve.csv", index_col="year")
NILE = pd.read_csv(REFERENCE / "nile.csv", index_col="year")["flow"].astype(float)
YEARS = np.arange(1998, 2023)
SERIES = 3_000


def design_of(trend: str = "linear", **more: object) -> UnknownDateDesign:
    values = ar1_errors(standard_normals(4, "stability", 0, 1, 25), YEARS, 0.5, 1.0, None)[0]
    return unknown_date_design(pd.Series(values, index=YEARS, name="visits"), trend=trend, **more)


def test_p_values_of_the_phillips_curve_agree_with_strucchange():
    """R calls in reference/unknown_dates.json."""
    expected, close = R["phillips"], R["phillips"]["p_tolerance"]

    p_values = {
        "rec_cusum": recursive_cusum_p(expected["rec_cusum"]["stat"]),
        "ols_cusum": fluctuation_p(expected["ols_cusum"]["stat"]),
        "ols_mosum_h015": mosum_p(expected["ols_mosum_h015"]["stat"]),
        "fluctuation_RE": fluctuation_p(expected["fluctuation_RE"]["stat"], 2),
    }

    for name, p_value in p_values.items():
        assert p_value == pytest.approx(expected[name]["p"], abs=close[name])


def test_chow_of_the_phillips_curve_agrees_with_strucchange():
    """R call in reference/unknown_dates.json; the last year of the first regime is 1967."""
    design = unknown_date_design(PHILLIPS["dp"], trend="none", controls=PHILLIPS[["dp1"]])

    chow = (
        describe_stability(design, rho=0.0, seed=1, series=50, known_onset=1968)
        .to_frame()
        .loc["chow"]
    )

    assert chow["statistic"] == pytest.approx(R["phillips"]["chow_F"], rel=1e-6)
    assert chow["p_usual"] == pytest.approx(R["phillips"]["chow_p"], rel=1e-6)


def test_the_nile_has_the_f_and_p_of_strucchange():
    """R call in reference/unknown_dates.json."""
    table = describe_stability(
        unknown_date_design(NILE, trend="none"), rho=0.0, seed=1, series=50
    ).to_frame()

    for test, name in {"sup_f": "supF", "ave_f": "aveF", "exp_f": "expF"}.items():
        assert table.loc[test, "statistic"] == pytest.approx(R["sup_f_nile"][name], rel=1e-6)
        assert table.loc[test, "p_usual"] < 0.01


@pytest.mark.parametrize(
    ("trend", "rho", "published"),
    [
        ("none", 0.0, 0.072),
        ("none", 0.3, 0.240),
        ("none", 0.6, 0.531),
        ("linear", 0.0, 0.112),
        ("linear", 0.3, 0.331),
        ("linear", 0.6, 0.641),
    ],
)
def test_the_largest_f_finds_breaks_where_none_are(trend, rho, published):
    """T = 25, nominal .05; published sizes simulated with other code, at least 1,000 series."""
    table = describe_stability(design_of(trend), rho=rho, seed=7, series=SERIES).to_frame()

    spread = np.sqrt(published * (1 - published) * (1 / SERIES + 1 / 1_000))
    assert table.loc["sup_f", "size"] == pytest.approx(published, abs=3.5 * spread)


def test_simulated_p_values_are_uniform_where_nothing_happens():
    """The p simulated at the true rho rejects at its level, the usual one does not."""
    design = design_of()
    drawn = stability_statistics(
        design, ar1_errors(standard_normals(9, "u", 0, SERIES, 25), YEARS, 0.5, 1.0, None), 2012
    )
    other = stability_statistics(
        design, ar1_errors(standard_normals(9, "v", 0, SERIES, 25), YEARS, 0.5, 1.0, None), 2012
    )

    for test, statistics in drawn.items():
        found = (statistics >= np.quantile(other[test], 0.95)).mean()
        assert found == pytest.approx(0.05, abs=0.02), test


def test_critical_values_have_their_p():
    for test, law in usual_laws(design_of(), 2012).items():
        assert law.p_value(law.critical(0.05)) == pytest.approx(0.05, abs=2e-3), test


def test_a_planted_break_is_found_by_every_f():
    design = design_of("none")
    broken = design.series + 9.0 * (YEARS >= 2010)

    table = describe_stability(
        unknown_date_design(broken, trend="none"),
        rho=0.3,
        seed=1,
        series=400,
        known_onset=2010,
    ).to_frame()

    assert (table.loc[["sup_f", "ave_f", "exp_f", "chow"], "p_simulated"] < 0.01).all()


def test_the_table_says_at_what_autocorrelation_it_was_simulated():
    found = describe_stability(design_of(), rho=0.4, seed=1, series=100)

    assert found.to_dict()["rho"] == 0.4
    assert set(found.to_dict()["tests"]) == set(found.to_frame().index)
    assert list(found.to_frame().columns) == [
        "statistic",
        "p_usual",
        "p_simulated",
        "size",
        "size_mc_error",
    ]


def test_autocorrelation_without_a_change_is_median_unbiased():
    rhos = []
    for number in range(40):
        normals = standard_normals(6, "rho", number, number + 1, 25)
        values = ar1_errors(normals, YEARS, 0.4, 1.0, None)[0]
        rhos.append(null_rho(unknown_date_design(pd.Series(values, index=YEARS)), seed=1))

    assert np.median(rhos) == pytest.approx(0.4, abs=0.15)


def test_regimes_too_short_for_the_regressors_are_refused():
    war = pd.DataFrame({"war": (YEARS % 9 == 0).astype(float)}, index=YEARS)

    with pytest.raises(DesignError, match="cannot be told apart from 1999 to 2002"):
        describe_stability(design_of(controls=war), rho=0.3, seed=1, series=50)
    with pytest.raises(DesignError, match=r"may have 2 values; with 2 regressors .* needs 3"):
        check_segments(design_of(), 2)
    with pytest.raises(DesignError, match="has 1 values before 1999 and 24 from then on"):
        describe_stability(design_of(), rho=0.3, seed=1, series=50, known_onset=1999)
