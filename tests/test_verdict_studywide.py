"""The study as a whole where nothing happens, and the worlds it is tried in."""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.calibration.law import simulate_errors
from analysis.calibration.worlds import WORLDS, draw_world
from analysis.replication.outcome import run_study
from analysis.verdict.studywide import WorldRate, holm, study_wide_rates
from analysis.verdict.trial import Trial
from tests.made_study import EXPORTS, SMALL, claim, noise, write_made_study

HOLM = json.loads((Path(__file__).parent / "reference" / "holm.json").read_text(encoding="utf-8"))
SERIES = 4000
OTHER = ("USA", "exports_usd")


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory) -> list:
    """Four claims on two quiet series in one family, a placebo, and one that cannot be tested."""
    root = tmp_path_factory.mktemp("quiet")
    steps = {"junctures": ["treaty", "accord"]}
    claims = [
        claim(id="M-1", **steps),
        claim(id="M-2", **steps, term="accord"),
        claim(id="M-3", **steps, units=["USA"]),
        claim(id="M-4", **steps, units=["USA"], term="accord", alternative="two-sided"),
        claim(id="M-5", junctures=["quiet"], term="quiet", role="placebo", family="P"),
        claim(id="M-6", period=[2005, 2022]),
    ]
    write_made_study(root, {EXPORTS: noise(1), OTHER: noise(2)}, claims)
    return list(run_study(root, effort=SMALL).verdicts.values())


@pytest.fixture(scope="module")
def trial(verdicts) -> Trial:
    return verdicts[0].trial


def rates(verdicts: list, multiplicity: str = "holm") -> dict[str, WorldRate]:
    found = study_wide_rates(verdicts, seed=5, studies=1500, multiplicity=multiplicity)
    return {rate.world: rate for rate in found}


def test_holm_over_many_studies_agrees_with_r():
    """R 4.2.2: p.adjust(p, "holm"), reference/holm.json; each study in another order."""
    orders = [np.arange(10), np.arange(10)[::-1], np.random.default_rng(1).permutation(10)]
    p, expected = np.array(HOLM["p"]), np.array(HOLM["holm"])

    many = holm(np.stack([p[order] for order in orders], axis=1))

    for study, order in enumerate(orders):
        assert many[:, study] == pytest.approx(expected[order])


def test_where_the_model_holds_few_studies_find_anything(verdicts):
    """Holm keeps .05 for the family; the size of each claim, up to .08 here, may add to it."""
    rate = rates(verdicts)["fitted"]

    assert 0 < rate.supported < 0.10
    assert rate.mc_error == pytest.approx(np.sqrt(rate.supported * (1 - rate.supported) / 1500))
    assert 0.02 < rate.largest_size < 0.10


def test_without_correction_more_studies_find_something(verdicts):
    assert rates(verdicts, "none")["fitted"].supported > 1.5 * rates(verdicts)["fitted"].supported


def test_placebos_and_what_cannot_be_tested_are_left_out(verdicts):
    assert study_wide_rates(verdicts[4:], seed=5, studies=10, multiplicity="holm") == []
    assert rates(verdicts) == rates(verdicts[:4])


def test_every_world_is_tried(verdicts):
    assert list(rates(verdicts)) == list(WORLDS)


@pytest.mark.parametrize("name", ["student", "skewed"])
def test_other_shocks_have_mean_zero_and_variance_one(name):
    normals = np.random.default_rng(2).standard_normal(200_000)

    shocks = WORLDS[name].shocks(normals)

    # Four standard errors, with the kurtosis of t(5), 9, and of chi-square(3), 7.
    assert abs(shocks.mean()) < 4 / np.sqrt(200_000)
    assert abs(shocks.var() - 1) < 4 * np.sqrt(8 / 200_000)
    skew = (shocks**3).mean()
    assert abs(skew) < 0.3 if name == "student" else skew == pytest.approx(np.sqrt(8 / 3), rel=0.1)


def test_the_fitted_world_is_the_fitted_process(trial):
    test = trial.test

    drawn = draw_world(WORLDS["fitted"], test, seed=5, stream="same", series=50)

    expected = simulate_errors(
        test.design.layout, rho=test.rho, kappa=test.kappa, seed=5, stream="same", series=50
    )
    assert (drawn == expected).all()


@pytest.mark.parametrize(("name", "rise"), [("parabola", 3.0), ("kink", 4.0), ("s_curve", 4.0)])
def test_a_mean_that_bends_rises_by_so_many_sd_and_jumps_nowhere(trial, name, rise):
    years = np.arange(1990.0, 2023)

    mean = WORLDS[name].mean(years)

    assert mean[-1] - mean[0] == pytest.approx(rise, abs=0.1)  # the S has a little left to rise
    assert np.abs(np.diff(mean)).max() < 0.6
    drawn = draw_world(WORLDS[name], trial.test, seed=5, stream="mean", series=SERIES)
    plain = draw_world(WORLDS["fitted"], trial.test, seed=5, stream="mean", series=SERIES)
    sd = 1 / np.sqrt(1 - trial.test.rho**2)
    assert drawn - plain == pytest.approx(np.tile(sd * mean, (SERIES, 1)))


def test_the_rates_are_the_same_every_time(verdicts):
    assert rates(verdicts) == rates(verdicts)
