"""Engines of panel regressions: linearmodels, pyfixest and the kernel give the same numbers."""

import itertools
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.dyads import event_study
from analysis.design.event_study import event_study_design
from analysis.errors import EstimationError, UsageError
from analysis.estimation.engines import ENGINES, fit_least_squares, fit_poisson_by
from analysis.estimation.event_study import estimate_paths
from analysis.estimation.panel_models import panel_regression
from analysis.kernel.panel_covariance import clustered
from analysis.kernel.two_way import Effects, number_levels
from analysis.panel.panel import Panel
from tests.dyads_made import made_frame, made_panel

OTHERS = [engine for engine in ENGINES if engine != "kernel"]
KINDS = ("dyadic", "clustered", "driscoll-kraay")


@pytest.fixture(scope="module")
def dyads() -> Panel:
    return made_panel(np.random.default_rng(5), effect=0.4, missing=0.1)


@pytest.fixture(scope="module")
def flows() -> Panel:
    frame = made_frame(np.random.default_rng(3), states=7, years=12)
    rng = np.random.default_rng(4)
    frame["flow"] = rng.poisson(np.exp(0.3 * frame["x"] + 0.2))
    frame.loc[frame["unit"] == "AAA-AAB", "flow"] = 0
    return Panel.from_frame(frame, unit="unit", year="year")


def ragged(n_units: int = 40, n_years: int = 15, seed: int = 2):
    """Rows of an unbalanced panel in no order, with effects larger than what is estimated."""
    rng = np.random.default_rng(seed)
    cells = np.array(list(itertools.product(range(n_units), range(n_years))))
    cells = rng.permutation(cells)[: int(0.7 * len(cells))]
    unit, year = number_levels(cells[:, 0], cells[:, 1])
    x = rng.normal(size=(len(unit), 3)) + 0.1 * year[:, None]
    y = x @ [1.0, -0.5, 0.2] + 5 * np.sin(unit) + 0.3 * year + rng.normal(size=len(unit))
    return y, x, unit, year


@pytest.mark.parametrize("engine", OTHERS)
@pytest.mark.parametrize("effects", [("unit", "year"), ("unit",), ("year",), ()])
def test_least_squares_is_the_same_by_every_engine(dyads, engine, effects):
    words = {"outcome": "y", "exposure": "x", "effects": effects, "lags": 1}
    mine = panel_regression(dyads, **words)
    theirs = panel_regression(dyads, **words, engine=engine)

    np.testing.assert_allclose(theirs.estimates, mine.estimates, rtol=1e-8)
    np.testing.assert_allclose(theirs.covariance_matrix, mine.covariance_matrix, rtol=1e-7)
    assert theirs.r2s == pytest.approx(mine.r2s, rel=1e-8)
    assert theirs.notes[-1].startswith(f"Estimates by {engine}")


@pytest.mark.parametrize("engine", OTHERS)
@pytest.mark.parametrize("errors", KINDS)
def test_every_kind_of_error_is_of_the_engine_s_residuals(dyads, engine, errors):
    words = {"outcome": "y", "exposure": "x", "errors": errors}
    mine = panel_regression(dyads, **words)
    theirs = panel_regression(dyads, **words, engine=engine)

    np.testing.assert_allclose(theirs.std_errors, mine.std_errors, rtol=1e-8)


@pytest.mark.parametrize("engine", OTHERS)
def test_first_differences_are_the_same_by_every_engine(dyads, engine):
    words = {"outcome": "y", "exposure": "x", "model": "difference", "errors": "clustered"}

    mine, theirs = panel_regression(dyads, **words), panel_regression(dyads, **words, engine=engine)

    np.testing.assert_allclose(theirs.estimates, mine.estimates, rtol=1e-8)


@pytest.mark.parametrize("engine", ENGINES)
def test_estimates_and_residuals_are_those_of_all_dummies_written_out(engine):
    y, x, unit, year = ragged()
    dummies = [pd.get_dummies(codes, dtype=float).to_numpy() for codes in (unit, year)]
    whole = np.hstack([x, dummies[0], dummies[1][:, 1:]])
    expected = np.linalg.lstsq(whole, y)[0]

    fit = fit_least_squares(y, x, Effects((unit, year)), engine)

    np.testing.assert_allclose(fit.estimates, expected[:3], rtol=1e-8)
    np.testing.assert_allclose(fit.residuals, y - whole @ expected, atol=1e-8)


@pytest.mark.parametrize("engine", OTHERS)
def test_a_unit_seen_once_is_kept_by_every_engine(engine):
    y, x, unit, year = ragged()
    once = (np.append(y, 9.0), np.vstack([x, [1.0, 2.0, 3.0]]))
    effects = Effects((np.append(unit, unit.max() + 1), np.append(year, 3)))

    mine, theirs = (fit_least_squares(*once, effects, each) for each in ("kernel", engine))

    assert theirs.n_obs == len(y) + 1
    assert theirs.residuals[-1] == pytest.approx(0.0, abs=1e-8)
    np.testing.assert_allclose(theirs.estimates, mine.estimates, rtol=1e-8)
    np.testing.assert_allclose(theirs.residuals, mine.residuals, atol=1e-8)


@pytest.mark.parametrize("effects", [("unit", "year"), ("unit",), ()])
def test_poisson_is_the_same_by_pyfixest(flows, effects):
    words = {
        "outcome": "flow", "exposure": "x", "model": "poisson", "effects": effects,
        "errors": "clustered",
    }  # fmt: skip
    mine = panel_regression(flows, **words)
    theirs = panel_regression(flows, **words, engine="pyfixest")

    np.testing.assert_allclose(theirs.estimates, mine.estimates, rtol=1e-8)
    # the weights of the last round: both stop at a settled deviance
    np.testing.assert_allclose(theirs.std_errors, mine.std_errors, rtol=1e-7)
    assert theirs.n_obs == mine.n_obs


def test_errors_are_of_the_residuals_of_pyfixest_by_its_own_formula():
    """Pyfixest's own CRV1 with the conventions of fixest, on the same rows."""
    import pyfixest

    y, x, unit, year = ragged()
    columns = {f"x{place}": column for place, column in enumerate(x.T)}
    frame = pd.DataFrame({"y": y, **columns, "unit": unit, "year": year})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.Pandas4Warning)
        theirs = pyfixest.feols(
            "y ~ x0 + x1 + x2 | unit + year", data=frame, vcov={"CRV1": "unit"}, fixef_rm="none"
        )

    mine = clustered(fit_least_squares(y, x, Effects((unit, year)), "pyfixest"), unit)

    np.testing.assert_allclose(mine.std_errors, theirs.se().to_numpy(), rtol=1e-7)


def staggered_frame() -> pd.DataFrame:
    """12 states, 66 dyads; some dyads step up in 2008, some in 2012; cells are missing."""
    frame = made_frame(np.random.default_rng(11), states=12, years=20)
    keep = np.random.default_rng(12).random(len(frame)) < 0.95
    return frame[keep].reset_index(drop=True)


@pytest.mark.parametrize("engine", OTHERS)
@pytest.mark.parametrize("estimator", ["interaction-weighted", "two-way"])
def test_paths_of_an_event_study_are_the_same_by_every_engine(engine, estimator):
    frame = staggered_frame()
    values = frame.set_index(["unit", "year"])["y"].sort_index()
    names, years = list(values.index.unique("unit")), values.index.unique("year")
    middle = int(np.median(years))
    onsets = {unit: (middle + 2 * (place % 2),) for place, unit in enumerate(names[:20])}
    design = event_study_design(
        values, {"pivot": onsets}, comparison=names[20:], estimator=estimator
    )
    kinds = ["clustered", "dyadic", "cr2"]

    mine, theirs = (estimate_paths(design, kinds, engine=each) for each in ("kernel", engine))

    for kind in kinds:
        np.testing.assert_allclose(mine[kind][0].estimates, theirs[kind][0].estimates, atol=1e-8)
        np.testing.assert_allclose(mine[kind][0].covariance, theirs[kind][0].covariance, atol=1e-8)


def test_an_event_study_can_be_asked_of_pyfixest_and_says_so():
    frame = staggered_frame()
    panel = Panel.from_frame(frame, unit="unit", year="year")
    words = {
        "outcome": "y", "units": list(panel.units[:20]), "series": 0,
        "junctures": {"pivot": int(frame["year"].median())},
    }  # fmt: skip

    plain = event_study(panel, **words)
    asked = event_study(panel, **words, engine="pyfixest")

    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(
            asked.paths[0].table[column], plain.paths[0].table[column], atol=1e-8
        )
    assert asked.method == f"{plain.method}; estimates by pyfixest"


def test_names_in_the_data_are_no_part_of_a_formula(dyads):
    frame = dyads.frame.rename(columns={"y": "y ~ 1 | 0", "x": "I(x0) + exp"}).reset_index()
    panel = Panel.from_frame(frame, unit="unit", year="year")

    odd = panel_regression(panel, outcome="y ~ 1 | 0", exposure="I(x0) + exp", engine="pyfixest")

    plain = panel_regression(dyads, outcome="y", exposure="x")
    np.testing.assert_allclose(odd.estimates, plain.estimates, rtol=1e-8)


def test_an_engine_that_is_not_installed_is_named_with_its_extra(dyads, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyfixest", None)

    with pytest.raises(UsageError, match=r"needs pyfixest: pip install 'juncture\[large\]'"):
        panel_regression(dyads, outcome="y", exposure="x", engine="pyfixest")
    with pytest.raises(UsageError, match=r"juncture\[large\]"):
        event_study(
            dyads, outcome="y", units=list(dyads.units[:2]), junctures={"pivot": 2005},
            engine="pyfixest",
        )  # fmt: skip
    assert panel_regression(dyads, outcome="y", exposure="x").n_obs > 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            {"engine": "stata"},
            'no engine "stata" here; known are linearmodels, kernel',
        ),
        ({"engine": "linearmodels", "model": "poisson"}, "known are kernel and pyfixest"),
        ({"engine": "pyfixest", "model": "between"}, "comes from linearmodels alone"),
    ],
)
def test_an_engine_there_is_not_is_refused(dyads, words, message):
    with pytest.raises(UsageError, match=message):
        panel_regression(dyads, outcome="y", exposure="x", **words)


@pytest.mark.parametrize("engine", ENGINES)
def test_collinear_regressors_are_refused_by_every_engine(engine):
    y, x, unit, year = ragged()

    with pytest.raises(EstimationError, match="collinear"):
        fit_least_squares(y, np.column_stack([x, x[:, 0] + unit]), Effects((unit, year)), engine)


def test_poisson_that_cannot_settle_is_refused_by_both_engines():
    """A regressor that is 1 wherever the outcome is 0 and nowhere else has no finite estimate."""
    rng = np.random.default_rng(1)
    unit, year = number_levels(np.repeat(np.arange(20), 10), np.tile(np.arange(10), 20))
    y = rng.poisson(1.0, size=200).astype(float)
    x = (y == 0).astype(float)[:, None]

    for engine in ("kernel", "pyfixest"):
        with pytest.raises(EstimationError):
            fit_poisson_by(y, x, lambda weights: Effects((unit, year), weights), engine)


def test_poisson_estimates_of_too_few_rounds_are_not_believed(flows, monkeypatch):
    monkeypatch.setattr("analysis.estimation.engines.ROUNDS", 2)

    with pytest.raises(EstimationError, match="pyfixest did not settle"):
        panel_regression(flows, outcome="flow", exposure="x", model="poisson", engine="pyfixest")
