"""The joint p over paths: right under the null, larger than any vote, and blind to units."""

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.multiverse import MAIN, Path, ask_all_paths
from analysis.calibration.steps import calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.design.steps import steps_design
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals
from analysis.panel.transform import transform_series
from analysis.verdict.paths import cross_looks
from tests.made_study import EXPORTS, claim, noise, verdicts_on

YEARS = np.arange(1992, 2023)
ONSETS = {"pivot": 2012, "ukraine": 2014, "thaad": 2017}
SHELF = LawShelf(seed=5, series=400)


def paths_of(raw: pd.Series) -> list[Path]:
    """The logged series; later start, no trend, dates a year earlier, root, constant variance."""

    def path(name, transform="log", first=1992, onsets=ONSETS, **options):
        series = transform_series(raw.loc[first:], transform)
        design = steps_design(series, onsets, **options)
        return Path(name, {name: "yes"}, design, 0, transform)

    earlier = {"pivot": 2011, "ukraine": 2014, "thaad": 2017}
    return [
        path(MAIN),
        path("from 1998", first=1998),
        path("quadratic", trend="quadratic"),
        path("a year earlier", onsets=earlier),
        path("root", transform="sqrt38"),
        path("constant variance", error_model="ar1-constant"),
    ]


def ask(raw: pd.Series, *, draws: int = 199, alternative: str = "greater", seed: int = 3):
    paths = paths_of(raw)
    main = calibrate_steps(paths[0].design, SHELF, draws=99)
    return ask_all_paths(main, paths, raw, alternative=alternative, seed=seed, draws=draws)


def null_series(number: int, rho: float = 0.5) -> list[pd.Series]:
    normals = standard_normals(11, "multiverse-test", 0, number, len(YEARS))
    logs = 4 + 0.03 * np.arange(len(YEARS)) + 0.2 * ar1_errors(normals, YEARS, rho, 1.0, None)
    return [pd.Series(np.exp(row), index=YEARS) for row in logs]


def test_where_nothing_happened_the_joint_p_is_small_as_often_as_it_says():
    p = np.array([ask(raw).joint_p for raw in null_series(200)])

    assert 0.02 <= (p <= 0.05).mean() <= 0.085  # .05 and two Monte Carlo errors
    assert 0.13 <= (p <= 0.20).mean() <= 0.27


def test_a_step_is_seen_along_every_path_and_jointly():
    raw = null_series(1)[0] * np.where(YEARS >= 2012, np.exp(1.2), 1.0)

    asked = ask(raw, draws=999)

    assert asked.joint_p <= 0.005
    assert asked.same_sign == 1.0
    assert len(asked.table) == 6
    assert asked.to_frame()["estimate"].is_monotonic_increasing


def test_a_fall_is_found_by_less_and_not_by_greater():
    raw = null_series(1)[0] * np.where(YEARS >= 2012, np.exp(-1.2), 1.0)

    assert ask(raw, alternative="less").joint_p <= 0.01
    assert ask(raw, alternative="greater").joint_p >= 0.95


def test_the_main_path_alone_has_the_p_of_its_own_law():
    raw = null_series(3)[2]
    design = paths_of(raw)[0]
    main = calibrate_steps(design.design, LawShelf(seed=5, series=2_000), draws=9_999)

    asked = ask_all_paths(main, [design], raw, alternative="greater", seed=1, draws=4_999)

    assert asked.joint_p == pytest.approx(
        main.read("pivot", alternative="greater").p_value, abs=0.02
    )
    assert asked.joint_p == asked.table["p_value"].iloc[0]


def test_thousandfold_units_change_nothing():
    raw = null_series(1)[0]

    one, thousand = ask(raw), ask(1_000 * raw)

    logged = ["main", "from 1998", "quadratic", "a year earlier", "constant variance"]
    np.testing.assert_allclose(
        one.table.loc[logged, "t"], thousand.table.loc[logged, "t"], rtol=1e-6
    )


def test_another_source_is_seen_with_its_observed_distance():
    """A second source that is the first and an error of its own leaves the null as it is."""
    raw = null_series(1)[0]
    other = raw * np.exp(0.1 * np.sin(YEARS))
    first, second = paths_of(raw)[0], paths_of(other)[0]
    main = calibrate_steps(first.design, SHELF, draws=99)

    asked = ask_all_paths(main, [first, second], raw, alternative="greater", seed=1, draws=199)

    assert asked.table["t"].iloc[1] != asked.table["t"].iloc[0]
    assert 0 < asked.joint_p < 1


LOOKS = [
    {"name": "from 1995", "period": [1995, 2022]},
    {"name": "to 2019", "period": [1990, 2019]},
    {"name": "quadratic", "trend": "quadratic"},
    {"name": "constant", "error_model": "ar1-constant"},
]


def test_looks_that_change_different_things_are_crossed_and_those_alike_exclude_each_other(
    tmp_path,
):
    verdicts = verdicts_on(tmp_path, {EXPORTS: noise(step=6)}, claim(look=LOOKS))
    (verdict,) = verdicts.values()

    assert len(list(cross_looks(verdict.hypothesis))) == 3 * 2 * 2 - 1
    robustness = verdict.to_dict()["robustness"]
    assert robustness["paths"]["n"] == 12
    assert robustness["joint_p"] <= 0.01
    assert robustness["paths"]["same_sign"] == 1.0


def test_a_claim_without_looks_has_no_joint_p(tmp_path):
    (verdict,) = verdicts_on(tmp_path, {EXPORTS: noise(step=6)}, claim()).values()

    assert verdict.to_dict()["robustness"]["joint_p"] is None
