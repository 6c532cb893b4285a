"""Mediation: joint test of both paths, sensitivity curve, confounding, refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.measure import Gauge
from analysis.calibration.mediation import MediationTest, calibrate_mediation
from analysis.calibration.sensitivity import PathSds, path_sds
from analysis.calibration.store import LawShelf
from analysis.calibration.tested import Question
from analysis.design.mediation import mediation_design
from analysis.errors import DesignError
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.layout import Layout

REFERENCE = Path(__file__).parent / "reference" / "mediation_sensitivity.json"
JOBS = json.loads(REFERENCE.read_text(encoding="utf-8"))
SHELF = LawShelf(seed=31, series=1_000)
YEARS = np.arange(1992, 2023)
ONSET = {"crisis": 2010}
STEP = (YEARS >= 2010).astype(float)


def errors(rows: int, seed: int, rho: float = 0.3) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((rows, len(YEARS)))
    for year in range(1, len(YEARS)):
        drawn[:, year] += rho * drawn[:, year - 1]
    return drawn


def mediated(a: float, b: float, *, direct: float = 0.0, seed: int = 1) -> MediationTest:
    e, u = errors(2, seed)
    threat = pd.Series(a * STEP + e, YEARS, name="threat")
    series = pd.Series(b * threat + direct * STEP + u, YEARS, name="cooperation")
    design = mediation_design(series, threat, ONSET)
    return calibrate_mediation(design, SHELF, draws=999)


def test_the_curve_is_that_of_medsens():
    """R 4.2.2, mediation 4.5.1: medsens() of JOBS II. One point gives s_u; the others follow."""
    rho, known = np.array(JOBS["rho_grid"]), np.array(JOBS["acme_of_rho"])
    a, b = JOBS["a"], JOBS["b"]
    at_half = float(known[rho == 0.5][0])
    given_mediator = (a * b - at_half) / a * np.sqrt(0.75) / 0.5
    outcome = float(np.hypot(b, given_mediator))
    sds = PathSds(mediator=1.0, outcome=outcome, correlation=b / outcome)

    assert a * sds.second_path(rho) == pytest.approx(known, rel=1e-3)
    assert round(sds.correlation, 1) == JOBS["rho_at_zero"]


def test_at_the_true_correlation_the_curve_gives_the_true_path():
    """200,000 observations, b = .7, errors correlated at .4."""
    drawn = np.random.default_rng(2).standard_normal((3, 200_000))
    step = (drawn[2] > 0).astype(float)
    e = 2 * drawn[0]
    u = 3 * (0.4 * drawn[0] + np.sqrt(1 - 0.4**2) * drawn[1])
    mediator = 1.5 * step + e
    others = np.column_stack([np.ones(len(step)), step])

    sds = path_sds(mediator, 0.7 * mediator - step + u, others)

    assert sds.second_path(np.array([0.4]))[0] == pytest.approx(0.7, abs=0.01)
    assert sds.second_path(np.array([0.0]))[0] == pytest.approx(0.7 + 0.4 * 3 / 2, abs=0.01)


def test_the_curve_starts_at_the_estimate_and_crosses_zero_where_the_note_says():
    test = mediated(3.0, 1.0)
    reading = test.read("crisis")
    zero = test.sds.correlation

    curve = test.sensitivity("crisis", correlations=np.array([0.0, zero, 0.9]))

    assert curve["estimate"].iloc[0] == pytest.approx(reading.estimate, rel=1e-9)
    assert curve["estimate"].iloc[1] == pytest.approx(0.0, abs=1e-9)
    assert curve["estimate"].iloc[2] < 0
    assert tuple(curve[["conf_low", "conf_high"]].iloc[0]) == pytest.approx(reading.wide)
    assert f"correlate at {zero:.2f}" in test.note


def test_a_planted_mediation_is_found_and_its_size_recovered():
    test = mediated(4.0, 1.0, direct=2.0)

    reading = test.read("crisis")
    first, second = test.paths("crisis")

    assert reading.p_value == max(first.p_value, second.p_value) < 0.05
    assert reading.estimate == first.estimate * second.estimate
    assert reading.wide[0] < 4.0 < reading.wide[1]
    assert reading.narrow[0] > 0


@pytest.mark.parametrize(("a", "b"), [(4.0, 0.0), (0.0, 1.0)])
def test_one_path_alone_is_no_mediation(a, b):
    reading = mediated(a, b, direct=4.0).read("crisis")

    assert reading.p_value > 0.05
    assert reading.wide[0] < 0 < reading.wide[1]


def test_the_claim_has_the_side_of_each_path():
    test = mediated(4.0, -1.0)

    assert test.read("crisis", alternative="less").p_value < 0.05
    assert test.read("crisis", alternative="greater").p_value > 0.9
    assert test.p_below("crisis", 0.5, alternative="greater") < 0.05
    assert test.p_below("crisis", 0.5, alternative="less") > 0.5


def test_measured_rates_hold():
    test = mediated(2.0, 0.5)
    sd = test.marginal_sd

    measured = test.measure(
        Question("crisis", "greater", 0.05, 0.025, 2 * sd, 4 * sd), seed=4, series=6_000
    )

    assert measured.worst_size < 0.065
    assert measured.size < measured.power < measured.power_at_claim
    assert measured.power_rule < measured.power_at_claim
    assert measured.coverage > 0.93
    again = Question("crisis", "greater", 0.05, 0.05, measured.detectable, measured.detectable)
    assert test.measure(again, seed=4, series=6_000).power == pytest.approx(0.8, abs=0.005)


def test_the_gauge_measures_it_as_it_measures_any_test():
    test = mediated(2.0, 0.5)
    question = Question("crisis", "greater", 0.05, 0.05, test.marginal_sd, test.marginal_sd)
    gauge = Gauge(SHELF, series=500)

    measured = gauge.measure(test, question)

    assert measured.size == pytest.approx(test.measure(question, seed=SHELF.seed, series=500).size)
    assert list(gauge.used) == [test.key(question, seed=SHELF.seed, series=500)]


def joint_share(a: float, b: float, shared: float, *, series: int = 300) -> float:
    """Share of pairs of series with both paths found by REML's t at the simulated 5 % point.

    The mediator is drawn anew in each; errors correlate at `shared`.
    """
    ground = mediated(0.0, 0.0)
    bounds = [
        np.quantile(test.draws.statistics[:, 0], 0.95) for test in (ground.first, ground.second)
    ]
    e, v = errors(series, 41), errors(series, 42)
    u = shared * e + np.sqrt(1 - shared**2) * v
    trend = (YEARS - YEARS.mean()) / 10
    x = np.column_stack([np.ones(len(YEARS)), trend, STEP])
    mediators = a * STEP + e
    first = fit_ar1(mediators, Layout(YEARS, x), np.eye(3)[[2]]).statistics[:, 0]
    found = 0
    for at, (mediator, outcome) in enumerate(zip(mediators, b * mediators + u, strict=True)):
        layout = Layout(YEARS, np.column_stack([x, mediator]))
        second = fit_ar1(outcome[None, :], layout, np.eye(4)[[3]]).statistics[0, 0]
        found += bool(first[at] >= bounds[0] and second >= bounds[1])
    return found / series


def test_without_confounding_one_path_is_rarely_taken_for_two():
    """.06 is what three standard errors above .05 leave of 300 series, twice."""
    assert joint_share(2.5, 0.0, 0.0) < 0.09
    assert joint_share(0.0, 1.0, 0.0) < 0.09


def test_a_shared_shock_makes_mediations_as_often_as_the_note_says():
    """A step of 6 sd is always found, so that the share is that of the second path."""
    expected = mediated(0.0, 0.0).found_by_confounding()

    assert joint_share(6.0, 0.0, 0.5) == pytest.approx(expected, abs=0.08)
    assert expected > 0.6
    assert mediated(0.0, 0.0).found_by_confounding(correlation=0.0) == pytest.approx(
        0.05, abs=0.015
    )


def test_a_lagged_mediator_is_taken_from_the_years_before():
    e, u = errors(2, 6)
    threat = pd.Series(4 * STEP + e, YEARS, name="threat")
    later = pd.Series(threat.to_numpy(), YEARS + 1) + pd.Series(u / 10, YEARS)

    design = mediation_design(later.dropna(), threat, ONSET, lag=1, name="cooperation")

    assert design.second.years[0] == 1993
    assert design.first.years[0] == 1992
    test = calibrate_mediation(design, SHELF, draws=199)
    assert test.second.fit.estimates[0, 0] == pytest.approx(1.0, abs=0.1)


def test_what_has_no_mediation_is_refused():
    e, u = errors(2, 6)
    threat, series = pd.Series(e, YEARS, name="threat"), pd.Series(u, YEARS, name="cooperation")

    with pytest.raises(DesignError, match="joint has no indirect effect; ask for one of crisis"):
        mediated(1.0, 1.0).read("joint")
    with pytest.raises(DesignError, match="cannot be its own mediator"):
        mediation_design(series, series, ONSET)
    with pytest.raises(DesignError, match="lag is -1"):
        mediation_design(series, threat, ONSET, lag=-1)
    with pytest.raises(DesignError, match="collinear"):
        mediation_design(series, pd.Series(STEP + e / 1e3, YEARS, name="threat"), ONSET)
    with pytest.raises(DesignError, match="has 15 values; a single series needs 20"):
        mediation_design(series, threat.iloc[8:23], ONSET)
    with pytest.raises(DesignError, match="between -1 and 1"):
        mediated(1.0, 1.0).sensitivity("crisis", correlations=np.array([1.0]))
