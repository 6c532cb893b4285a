"""Components of an index, each, together and under random weights: truth, size, refusals."""

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.components import (
    SUM,
    ComponentsTest,
    calibrate_components,
    geometric_index,
    weigh_components,
)
from analysis.calibration.store import LawShelf
from analysis.calibration.terms import calibrate_terms
from analysis.design.relation import sd_around_trend
from analysis.design.rivals import exposures_design
from analysis.errors import DesignError

SHELF = LawShelf(seed=17, series=1_000)
YEARS = np.arange(1992, 2023)
NAMES = ["power", "proximity", "offence", "intention"]


def errors(rows: int, seed: int, rho: float = 0.5) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((rows, len(YEARS)))
    for year in range(1, len(YEARS)):
        drawn[:, year] += rho * drawn[:, year - 1]
    return drawn


def parts(seed: int = 2) -> pd.DataFrame:
    return pd.DataFrame(errors(4, seed).T, YEARS, NAMES)


def outcome(seed: int = 5, **effects: float) -> pd.Series:
    mean = sum((effect * parts()[name] for name, effect in effects.items()), 0.1 * (YEARS - 1992))
    return pd.Series(mean + errors(1, seed)[0], YEARS, name="cooperation")


def components(series: pd.Series, frame: pd.DataFrame | None = None) -> ComponentsTest:
    frame = parts() if frame is None else frame
    return calibrate_components(series, frame, SHELF, draws=499, weight_draws=100)


@pytest.fixture(scope="module")
def one_matters() -> ComponentsTest:
    return components(outcome(intention=1.5))


def test_the_component_that_matters_is_found_alone_and_beside_the_others(one_matters):
    table = one_matters.to_frame(alternative="greater")
    truth = 1.5 * sd_around_trend(parts()["intention"], "linear")

    assert table.loc[("alone", "intention"), "p_holm"] < 0.05
    assert table.loc[("together", "intention"), "p_value"] < 0.05
    for name in NAMES[:3]:
        assert table.loc[("together", name), "p_value"] > 0.05
    row = table.loc[("together", "intention")]
    assert row["conf_low"] < truth < row["conf_high"]
    assert row["estimate"] == pytest.approx(truth, abs=0.5)


def test_holm_is_the_step_down_of_the_p_values_alone(one_matters):
    table = one_matters.to_frame().loc["alone"].sort_values("p_value")

    by_hand = (table["p_value"] * [4, 3, 2, 1]).cummax().clip(upper=1)

    assert table["p_holm"].to_list() == pytest.approx(by_hand.to_list())
    assert one_matters.to_frame().loc[["together", "index"], "p_holm"].isna().all()


def test_leaving_out_what_matters_takes_the_effect_of_the_index_away(one_matters):
    table = one_matters.to_frame(alternative="greater").loc["index"]

    assert list(table.index) == [SUM, *(f"without {name}" for name in NAMES)]
    assert table.loc["without intention", "p_value"] > 0.05
    assert table["estimate"].idxmin() == "without intention"


def test_where_all_components_matter_weights_do_not(one_matters):
    everything = components(outcome(**dict.fromkeys(NAMES, 1.0))).weighted

    assert everything.share_positive == 1.0
    assert everything.share_found("greater") > 0.95
    assert everything.share_found("less") == 0.0
    assert one_matters.weighted.share_found("greater") < everything.share_found("greater")
    low, high = everything.band()
    assert 0 < low < np.median(everything.estimates) < high


def test_random_weights_find_nothing_where_nothing_is():
    """Two-sided at 5 %, over 30 series: the mean share of weightings found is near .05."""
    shares = []
    for row in errors(30, seed=71):
        series = pd.Series(row, YEARS, name="cooperation")
        scores = (parts() - parts().mean()) / parts().std()
        design = exposures_design(series, scores.mean(axis=1).to_frame(SUM))
        whole = calibrate_terms(design, SHELF, draws=19)
        shares.append(weigh_components(whole, scores, seed=3, draws=10).share_found())

    assert np.mean(shares) < 0.14  # .05 and twice .04, se with weightings so alike


def test_weights_are_uniform_splits_and_the_same_on_every_run(one_matters):
    shares = one_matters.weighted.shares

    assert shares.sum(axis=1).to_list() == pytest.approx([1.0] * 100)
    assert shares.mean().to_list() == pytest.approx([0.25] * 4, abs=0.06)
    again = weigh_components(
        one_matters.whole, (parts() - parts().mean()) / parts().std(), seed=17, draws=20
    )
    assert again.estimates.tolist() == one_matters.weighted.estimates[:20].tolist()
    assert again.p_values.tolist() == one_matters.weighted.p_values[:20].tolist()


def test_equal_weights_give_the_index():
    """A weighting drawn as all equal would be the index itself: its t is that of the index."""
    test = components(outcome(power=1.0), parts()[["power", "proximity"]])
    near = (test.weighted.shares["power"] - 0.5).abs().idxmin()

    whole = test.whole.read(SUM)

    assert test.weighted.estimates[near] == pytest.approx(whole.estimate, rel=0.03)
    assert test.weighted.p_values[near] == pytest.approx(whole.p_value, abs=0.02)


def test_the_geometric_mean_is_told_from_the_sum_where_it_is_the_truth():
    frame = parts()
    truth = geometric_index(frame)
    series = pd.Series(
        3 * (truth - truth.mean()) / truth.std() + errors(1, 9, rho=0.3)[0] / 4, YEARS, name="y"
    )

    contest = components(series, frame).product

    assert contest is not None
    assert contest.outcome() == "first favoured"


def test_a_geometric_mean_by_hand():
    """Rescaled to 1 ... 100: (1, 100), (50.5, 1), (100, 50.5); roots of the products."""
    frame = pd.DataFrame({"a": [0.0, 1.0, 2.0], "b": [9.0, 5.0, 7.0]})

    assert geometric_index(frame).to_list() == pytest.approx([10.0, 50.5**0.5, (100 * 50.5) ** 0.5])


def test_collinear_components_are_refused_together_and_tested_alone():
    frame = parts()
    frame["intention"] = frame["power"] + 1e-3 * frame["intention"]

    test = components(outcome(power=1.0), frame)

    assert test.together is None
    assert "collinear: condition number" in test.refusal
    assert set(test.to_frame().index.get_level_values("model")) == {"alone", "index"}


def test_an_index_needs_two_components_and_twenty_years():
    with pytest.raises(DesignError, match="at least two components"):
        components(outcome(), parts()[["power"]])
    with pytest.raises(DesignError, match=r"15 years have .* together with .*; 20 are needed"):
        components(outcome(), parts().iloc[:15])
