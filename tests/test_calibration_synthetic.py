"""Synthetic controls that match predictors: R, planted weights, ranks among placebos, refusals."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import plot_synthetic_control, synthetic_control
from analysis.design.synthetic_control import SyntheticControlDesign, synthetic_control_design
from analysis.errors import DesignError, EstimationError, UsageError
from analysis.estimation.synthetic_control import fit_predictors, fit_synthetic_control
from analysis.exhibits.figure_style import PALE
from analysis.kernel.simplex import fit_simplex
from analysis.panel.panel import Panel

BASQUE = "Basque Country (Pais Vasco)"
SCHOOLS = ["school.illit", "school.prim", "school.med", "school.high"]
SECTORS = [
    "sec.agriculture", "sec.energy", "sec.industry", "sec.construction", "sec.services.venta",
    "sec.services.nonventa",
]  # fmt: skip
YEARS = range(1990, 2015)
ONSET = 2005


def basque_panel() -> Panel:
    """Regions of Spain, 1955-1997; highest schooling added to high, then shares of the means."""
    table = pd.read_csv(Path(__file__).parent / "reference" / "basque.csv")
    table["school.high"] += table.pop("school.post.high")
    early = table["year"].between(1964, 1969)
    means = table[early].groupby("regionname")[SCHOOLS].mean()
    shares = 100 * means.div(means.sum(axis=1), axis=0)
    for school in SCHOOLS:
        table[school] = table["regionname"].map(shares[school]).where(early)
    return Panel.from_frame(table, unit="regionname", year="year")


def made_frame(
    donors: int = 5, *, effect: float = 0.0, seed: int = 4, exact: bool = False
) -> pd.DataFrame:
    """Unit A is .6 of D00 and .4 of D01 in outcome and predictors, with noise unless exact."""
    rng = np.random.default_rng(seed)
    names = [f"D{place:02d}" for place in range(donors)]
    shape = (len(YEARS), donors)
    tables = {name: rng.standard_normal(shape) + rng.standard_normal(donors) for name in "uvw"}
    tables["score"] = rng.standard_normal(shape).cumsum(axis=0)
    frames = []
    for variable, values in tables.items():
        treated = values[:, :2] @ [0.6, 0.4]
        if variable == "score":
            treated = treated + effect * (np.array(YEARS) >= ONSET)
            treated = treated + (0.0 if exact else 0.1) * rng.standard_normal(len(YEARS))
        both = np.column_stack([treated, values])
        frames.append(pd.DataFrame(both, index=YEARS, columns=["A", *names]).stack())
    table = pd.concat(frames, axis=1, keys=tables).rename_axis(["year", "unit"])
    return table.reset_index()


def made_panel(donors: int = 5, **options) -> Panel:
    return Panel.from_frame(made_frame(donors, **options), unit="unit", year="year")


def asked(panel: Panel, **changes):
    words = {
        "outcome": "score",
        "unit": "A",
        "donors": [unit for unit in panel.units if unit != "A"],
        "juncture": ONSET,
        "predictors": ["u", "v"],
    }
    return synthetic_control(panel, **(words | changes))


def laid_out(panel: Panel, **changes) -> SyntheticControlDesign:
    words = {
        "outcome": "score",
        "unit": "A",
        "donors": [unit for unit in panel.units if unit != "A"],
        "onset": ONSET,
        "predictors": ["u", "v"],
    }
    return synthetic_control_design(panel, **(words | changes))


def test_the_basque_country_is_that_of_synth():
    """R 4.2.2, Synth 1.1.8: the example of ?synth (Abadie & Gardeazabal 2003).

    dataprep(basque, predictors = schooling and invest 1964:1969, special.predictors = gdpcap
    1960:1969, sectors seq(1961, 1969, 2), popdens 1969, treatment.identifier = 17,
    controls.identifier = c(2:16, 18), time.optimize.ssr = 1960:1969), school.post.high added to
    school.high and schooling made shares, then synth(method = "BFGS").
    """
    panel = basque_panel()
    donors = [unit for unit in panel.units if unit != BASQUE]
    design = synthetic_control_design(
        panel,
        outcome="gdpcap",
        unit=BASQUE,
        donors=donors,
        onset=1970,
        matched=(1960, 1969),
        predictors=[
            *((name, 1964, 1969) for name in (*SCHOOLS, "invest")),
            ("gdpcap", 1960, 1969),
            *((name, 1961, 1969) for name in SECTORS),
            ("popdens", 1969, 1969),
        ],
    )

    fit = fit_synthetic_control(design)

    weights = dict(zip(design.donors, fit.weights, strict=True))
    # the search takes another path than BFGS; both end in the same valley
    assert weights["Cataluna"] == pytest.approx(0.8507985994491, rel=1e-3)
    assert weights["Madrid (Comunidad De)"] == pytest.approx(0.1491998243542, rel=1e-3)
    assert max(w for name, w in weights.items() if name[:3] not in ("Cat", "Mad")) < 0.01
    assert fit.loss == pytest.approx(0.008864628933204, rel=1e-3)
    gap = design.outcome[BASQUE] - design.outcome[donors] @ fit.weights
    assert gap[[1975, 1985, 1997]].to_numpy() == pytest.approx(
        [0.1498379482284, -0.6729826757896, -0.828080863879], rel=1e-3
    )


def test_the_basque_country_on_outcomes_alone_is_that_of_limsolve():
    """R 4.2.2, limSolve 2.0.3: lsei(A = donors, B = Basque, 1955-1969, E = 1, F = 1, G = I, H = 0).

    Checked there against non-negative least squares: sum of squares .0856360.
    """
    table = pd.DataFrame(
        {unit: basque_panel().series("gdpcap", unit) for unit in basque_panel().units}
    )
    donors = table.drop(columns=BASQUE)
    early = table.index <= 1969

    weights = fit_simplex(table[BASQUE][early].to_numpy()[None], donors[early].to_numpy()).weights[
        0
    ]

    found = dict(zip(donors.columns, weights, strict=True))
    gap = table[BASQUE] - donors @ weights
    assert {name: w for name, w in found.items() if w > 0.01} == pytest.approx(
        {
            "Baleares (Islas)": 0.3110751400561,
            "Madrid (Comunidad De)": 0.4831276711804,
            "Rioja (La)": 0.2057971887634,
        },
        rel=1e-3,
    )
    assert np.sqrt((gap[early] ** 2).mean()) == pytest.approx(0.07555837393048, rel=1e-3)
    assert gap[~early].mean() == pytest.approx(-0.8945885486394, rel=1e-3)
    assert gap[1985] == pytest.approx(-1.24713303129, rel=1e-3)


def test_predictors_are_weighted_as_by_the_package_itself():
    """Pysyncon 1.7.0 on these matrices: loss_V = .02376380 and weights .64841 and .35159.

    Synth().fit(X0, X1, Z0, Z1, optim_method="Nelder-Mead", optim_initial="equal")
    """
    rng = np.random.default_rng(8)
    traits = rng.standard_normal((2, 7))
    predictors = np.vstack([traits, traits.sum(axis=0) + rng.standard_normal(7)])
    outcome = rng.standard_normal((10, 2)).cumsum(axis=0) @ traits
    outcome += 0.2 * rng.standard_normal((10, 7))

    fit = fit_predictors(predictors, outcome)

    assert fit.weights == pytest.approx([0, 0.64841, 0, 0.35159, 0, 0], abs=1e-5)
    assert fit.loss == pytest.approx(0.02376380, abs=1e-8)
    assert fit.lowest_loss < fit.loss


def test_predictors_find_the_mixture_they_were_made_of():
    rng = np.random.default_rng(4)
    truth = np.array([0.6, 0.4, 0.0, 0.0, 0.0])
    predictors, outcome = rng.standard_normal((4, 5)), rng.standard_normal((8, 5))

    fit = fit_predictors(
        np.column_stack([predictors @ truth, predictors]),
        np.column_stack([outcome @ truth, outcome]),
    )

    assert fit.weights == pytest.approx(truth, abs=1e-4)
    assert fit.loss == pytest.approx(0.0, abs=1e-7)
    assert fit.importance.sum() == pytest.approx(1.0)


def test_no_importance_of_predictors_beats_weights_chosen_on_the_outcome():
    result = asked(made_panel())

    early = [year for year in YEARS if year < ONSET]
    values = laid_out(made_panel()).outcome.loc[early].to_numpy()
    for mixture in np.random.default_rng(3).dirichlet(np.ones(5), 300):
        assert result.lowest_loss <= ((values[:, 0] - values[:, 1:] @ mixture) ** 2).mean()
    assert result.loss >= result.lowest_loss
    assert result.loss == pytest.approx((result.path.loc[early, "gap"] ** 2).mean())


def test_a_planted_mixture_and_a_planted_effect_come_back():
    result = asked(made_panel(exact=True, effect=3.0), predictors=["u", "v", "w"])

    assert result.weights["D00"] == pytest.approx(0.6, abs=1e-3)
    assert result.weights["D01"] == pytest.approx(0.4, abs=1e-3)
    assert result.path.loc[ONSET:, "gap"].to_numpy() == pytest.approx(3.0, abs=0.01)
    assert result.rank == 1
    assert result.balance["synthetic"].to_numpy() == pytest.approx(
        result.balance["treated"].to_numpy(), abs=1e-3
    )
    assert result.balance["importance"].sum() == pytest.approx(1.0)


def test_the_balance_is_the_mean_of_years_before_by_hand():
    frame = made_frame()
    early = frame[frame["year"] < ONSET]
    some = frame[frame["year"].between(1995, 1999)]
    panel = Panel.from_frame(frame, unit="unit", year="year")

    balance = asked(panel, predictors=["u", ("v", 1995, 1999)]).balance

    assert balance.index.tolist() == ["u", "v 1995-1999"]
    assert balance.loc["u", "treated"] == pytest.approx(early[early["unit"] == "A"]["u"].mean())
    others = some[some["unit"] != "A"]
    assert balance.loc["v 1995-1999", "donor_mean"] == pytest.approx(others["v"].mean())


def test_what_comes_after_does_not_choose_the_weights():
    quiet, loud = asked(made_panel()), asked(made_panel(effect=50.0))

    pd.testing.assert_series_equal(quiet.weights, loud.weights)


@pytest.mark.parametrize("factor", [2.0**-20, 2.0**20])  # powers of two, so that nothing rounds
@pytest.mark.parametrize("seed", [2, 5])
def test_weights_do_not_know_the_unit_of_outcome_or_predictors(seed, factor):
    """Unscaled, the search of these two would stop at weights .07 and .001 away."""
    rng = np.random.default_rng(seed)
    predictors, outcome = rng.normal(size=(4, 8)), rng.normal(size=(10, 8)).cumsum(axis=0)

    there = fit_predictors(predictors, outcome)
    here = fit_predictors(predictors / factor, factor * outcome)

    assert here.weights == pytest.approx(there.weights, abs=1e-9)
    assert here.loss == pytest.approx(factor**2 * there.loss, rel=1e-9)


def test_placebos_are_ranked_by_the_ratio_written_out():
    result = asked(made_panel(19, effect=5.0), predictors=["u"])

    gap = result.path["gap"]
    before, after = gap[gap.index < ONSET], gap[gap.index >= ONSET]
    assert result.ratio == pytest.approx(np.sqrt((after**2).mean() / (before**2).mean()))
    larger = int((result.placebos["ratio"] >= result.ratio).sum())
    assert result.rank == 1 + larger
    assert result.p_value == pytest.approx((1 + larger) / 20)
    assert result.note == ""
    assert f"p {result.p_value:.3f}." in result.summary()


def test_each_placebo_has_the_other_donors_as_its_own():
    panel = made_panel()
    others = [f"D{place:02d}" for place in (0, 1, 3, 4)]

    result = asked(panel)
    alone = asked(panel, unit="D02", donors=others)

    assert result.placebos.loc["D02", "ratio"] == pytest.approx(alone.ratio)


def test_with_fewer_than_19_placebos_there_is_no_test_at_5_percent():
    result = asked(made_panel(18), predictors=["u"])

    assert np.isnan(result.p_value)
    assert result.note == (
        "There are 18 placebo units, so a rank cannot give a p below 0.053; a test at 0.05 "
        "needs 19."
    )
    assert f"no p-value: {result.note}" in result.summary()
    assert asked(made_panel(18), predictors=["u"], alpha=0.1).p_value == result.rank / 19


def test_a_summary_is_the_same_on_every_run_and_in_any_number_of_processes():
    once, again = asked(made_panel()), asked(made_panel(), jobs=2)

    assert once.summary() == again.summary() == repr(once)
    assert once.to_dict() | {"p_value": 0} == again.to_dict() | {"p_value": 0}
    assert "never deciding" in once.summary()
    assert "gap()" in once._repr_html_()


def test_a_result_cannot_be_changed_by_what_it_hands_out():
    result = asked(made_panel())
    handed_out = result.to_frame()
    handed_out.loc[ONSET, "gap"] = 99.0

    assert result.path.loc[ONSET, "gap"] != 99.0
    with pytest.raises(FrozenInstanceError):
        result.ratio = 1.0


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"donors": ["D00", "D77"]}, UsageError, 'The panel has no unit "D77"'),
        ({"predictors": ["u", "x"]}, UsageError, 'The panel has no variable "x"'),
        ({"predictors": []}, UsageError, "No predictor is named"),
        ({"predictors": ["u", "u"]}, UsageError, "u stands more than once"),
        ({"alpha": 0.7}, UsageError, "between 0 and 0.5"),
        ({"donors": ["A", "D01"]}, DesignError, "A is the treated unit and cannot be one"),
        ({"donors": ["D01", "D01"]}, DesignError, "D01 stands more than once among the donors"),
        ({"donors": ["D01"]}, DesignError, "A has 1 donors; a synthetic control needs 2"),
        ({"juncture": 1994}, DesignError, "score of A has 4 values before 1994 and 21 from it on"),
        ({"juncture": 2020}, DesignError, "score of A has 25 values before 2020 and 0 from it on"),
        ({"matched": (1999, 2001)}, DesignError, "3 values before 2005; choose years before"),
        ({"matched": (1999, 2006)}, DesignError, "choose years before 2005"),
        ({"predictors": [("u", 2000, 2006)]}, DesignError, "could hold part of the effect"),
        ({"period": (1900, 1910)}, DesignError, "score of A has no value in the period"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(changes, error, words):
    with pytest.raises(error, match=words):
        asked(made_panel(), **changes)


def test_a_predictor_without_a_value_names_unit_and_variable():
    frame = made_frame()
    frame.loc[frame["unit"] == "D03", "u"] = np.nan

    with pytest.raises(DesignError, match="u has no value for D03 in the years it is averaged"):
        asked(Panel.from_frame(frame, unit="unit", year="year"))


def test_averages_over_different_years_are_not_compared():
    frame = made_frame()
    frame.loc[(frame["unit"] == "D03") & (frame["year"] == 1997), "u"] = np.nan

    with pytest.raises(DesignError, match="u has no value for D03 in 1997, where other units"):
        asked(Panel.from_frame(frame, unit="unit", year="year"))


def test_a_donor_that_lacks_a_year_of_the_outcome_is_named():
    frame = made_frame()
    frame.loc[(frame["unit"] == "D03") & (frame["year"] == 1997), "score"] = np.nan

    with pytest.raises(DesignError, match="lacks some of D03, the first of D03 in 1997"):
        asked(Panel.from_frame(frame, unit="unit", year="year"))


def test_predictors_alike_in_all_units_are_refused():
    panel = Panel.from_frame(made_frame().assign(v=2.0), unit="unit", year="year")

    with pytest.raises(DesignError, match="v is the same in all donors"):
        asked(panel)
    with pytest.raises(EstimationError, match="same in all units"):
        fit_predictors(np.ones((1, 4)), np.ones((3, 4)))


def test_the_gap_is_drawn_before_those_of_its_placebos():
    result = asked(made_panel(19, effect=5.0), predictors=["u"])

    drawing = plot_synthetic_control(result, juncture="treaty")

    after = result.path.loc[ONSET:, "gap"].mean()
    assert f"{after:.3g} from then on, before the gaps of 19 placebos in grey" in drawing.alt
    assert f"number {result.rank} of 20; p = {result.p_value:.3f}." in drawing.alt
    assert drawing.svg.count(f"stroke: {PALE}; stroke-width: 0.5") == 19
    assert drawing.svg == plot_synthetic_control(result, juncture="treaty").svg
    few = plot_synthetic_control(asked(made_panel(effect=5.0)))
    assert "no p-value, for want of placebos" in few.alt


def test_placebo_gaps_are_those_whose_ratios_are_ranked():
    result = asked(made_panel())

    early = result.placebo_gaps.index < ONSET
    squares = result.placebo_gaps**2
    by_hand = np.sqrt(squares[~early].mean() / squares[early].mean())
    assert by_hand.to_numpy() == pytest.approx(result.placebos["ratio"].to_numpy())
    assert by_hand.index.tolist() == result.placebos.index.tolist()
