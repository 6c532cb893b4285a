"""How relations, bounds, moderation and asymmetry are laid out, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from analysis.design.asymmetry import asymmetry_design, common_instrument, gap_of_perceptions
from analysis.design.bounds import bounds_design
from analysis.design.moderation import moderation_design
from analysis.design.relation import chosen_lags, relation_design
from analysis.errors import DesignError, UsageError
from analysis.panel.panel import Panel

YEARS = np.arange(1992, 2023)


def made(seed: int, *, years: np.ndarray = YEARS, name: str = "made", slope: float = 0.1):
    values = np.random.default_rng(seed).standard_normal(len(years)) + slope * (years - 2000)
    return pd.Series(values, years, name=name)


def test_the_exposure_is_measured_in_its_own_sd_around_the_trend():
    x, y = made(1, name="threat"), made(2)
    time = np.column_stack([np.ones(30), YEARS[1:]])
    left = x.iloc[1:] - time @ np.linalg.lstsq(time, x.iloc[1:], rcond=None)[0]

    design = relation_design(y, x)

    assert design.exposure_sd == pytest.approx(np.sqrt((left**2).sum() / 28), rel=1e-9)
    assert design.exposure.diff().to_numpy()[1:] == pytest.approx(
        x.diff().to_numpy()[1:] / design.exposure_sd, rel=1e-9
    )


def test_the_first_year_is_lost_to_the_lag_only_where_the_exposure_is_unknown_before():
    y = made(2)

    assert relation_design(y, made(1)).years[0] == 1993
    assert relation_design(y, made(1, years=np.arange(1990, 2023))).years[0] == 1992


def test_the_term_is_the_sum_over_the_lags():
    design = relation_design(made(2), made(1), lags=2)

    assert design.level.terms == ("exposure", "lag_0", "lag_1", "lag_2")
    assert design.level.contrasts[0].tolist() == [0.0, 0.0, 1.0, 1.0, 1.0]
    assert design.even_path == pytest.approx(design.level.columns.mean(axis=1).to_numpy())


def test_first_differences_are_those_of_the_level_regression():
    design = relation_design(made(2), made(1), controls=made(3, name="price").to_frame())
    x, row = design.changes

    assert x.shape == (29, 4)
    assert x[:, 0] == pytest.approx(np.full(29, 0.1))  # a decade is the unit of the trend
    assert row.tolist() == [[0.0, 1.0, 1.0, 0.0]]


def test_changes_and_lags_do_not_reach_across_a_missing_year():
    design = relation_design(made(2).drop(2005), made(1))

    assert 2006 not in design.years[design.followed]
    assert not {2006, 2007} & set(design.years[design.causality.rows])
    assert 2008 in design.years[design.causality.rows]


def test_both_directions_ask_the_same_with_the_roles_exchanged():
    y, x = made(2, name="peace"), made(1, name="trade")

    reverse = relation_design(y, x, direction="both").reverse

    assert reverse is not None
    assert reverse.name == "trade"
    assert reverse.level.series.equals(x.loc[1993:].astype(float))
    assert reverse.reverse is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"outcome": made(2).loc[:2010]},
            r"18 years have made together with threat and threat 1 years before; 20 are needed",
        ),
        ({"exposure": 0 * made(1, name="threat")}, r"threat never changes in the years used"),
        ({"outcome": 0 * made(2)}, r"made never changes in these years"),
        (
            {"exposure": pd.Series(2.0 * YEARS, YEARS, name="threat")},
            r"threat follows the trend without leaving it",
        ),
        (
            {"exposure": pd.Series(1.01 ** (YEARS - 1992.0), YEARS, name="threat")},
            r"The regressors of made are collinear: condition number \d+ after centring",
        ),
        ({"lags": -1}, r"-1 are no lags"),
        ({"direction": "back"}, r"back is no direction; there are forward and both"),
        ({"timing": "later"}, r"later is no timing; there are earlier and same-year"),
        ({"trend": "cubic"}, r"cubic is no trend"),
        ({"error_model": "white"}, r"white is no error model"),
        (
            {"outcome": made(2, years=np.arange(1950, 2023, 3)[:25]), "exposure": made(
                1, years=np.arange(1949, 2023), name="threat"
            )},
            r"made and its exposure have too many gaps: changes from one year to the next leave",
        ),
    ],
)  # fmt: skip
def test_a_relation_is_refused_with_the_reason(change, words):
    question = {"outcome": made(2), "exposure": made(1, name="threat"), "lags": 1} | change

    with pytest.raises(DesignError, match=words):
        relation_design(question.pop("outcome"), question.pop("exposure"), **question)


def test_lags_can_be_named():
    assert chosen_lags(2) == (0, 1, 2)
    assert chosen_lags([3, 1]) == (1, 3)


def test_bounds_have_as_many_changes_as_their_orders():
    design = bounds_design(made(2), made(1), lags=[2, 3])
    row = design.outcome.to_numpy()[None, :]

    assert design.order == (2, 3)
    assert design.years[design.rows].tolist() == list(range(1995, 2023))
    assert design.others.shape == (28, 5)
    assert design.own(row)[0, 0].tolist() == [row[0, 2], row[0, 2] - row[0, 1]]
    assert design.level[0, 0] == design.exposure.loc[1994]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"outcome": made(2).drop([2001, 2004])}, r"have no values in 2001 and 2004; the error"),
        ({"trend": "quadratic"}, r"trends none and linear, not with quadratic"),
        ({"lags": 0}, r"0 are no orders"),
        ({"lags": 9}, r"leave -?\d+ degrees of freedom with the orders 9 and 9"),
        ({"exposure": made(2, name="threat")}, r"are collinear: condition number"),
    ],
)
def test_bounds_are_refused_with_the_reason(change, words):
    question = {"outcome": made(2), "exposure": made(1, name="threat")} | change

    with pytest.raises(DesignError, match=words):
        bounds_design(question.pop("outcome"), question.pop("exposure"), **question)


def test_the_effect_at_a_high_moderator_is_that_at_the_mean_and_the_interaction():
    design = moderation_design(made(2), made(1, name="threat"), made(3, name="trade")).level
    low, high = (design.contrasts[design.terms.index(name)] for name in ("at_low", "at_high"))
    mean, more = (design.contrasts[design.terms.index(name)] for name in ("at_mean", "interaction"))

    assert high.tolist() == (mean + more).tolist()
    assert low.tolist() == (mean - more).tolist()
    assert design.columns[["exposure", "moderator"]].mean().to_numpy() == pytest.approx(
        [0.0, 0.0], abs=1e-12
    )


def test_the_two_sides_of_a_moderation_precede_the_outcome():
    design = moderation_design(made(2), made(1, name="a"), made(3, name="b"), lag=1)

    assert design.level.years[0] == 1993
    assert design.level.columns["exposure"].loc[1993] * design.exposure_sd == pytest.approx(
        made(1).loc[1992] - made(1).loc[:2021].mean()
    )


def test_three_that_move_together_cannot_be_told_apart():
    x = made(1, name="threat", slope=1.0)

    with pytest.raises(DesignError, match="collinear: condition number"):
        moderation_design(made(2), x, x + 0.001 * made(3), moderator_name="trade")


def poll(sources: tuple[str, str]) -> Panel:
    """Two states, each asked by an institute."""
    rows = [
        {"state": state, "year": year, "fear": fear}
        for state, seed in (("CHN", 1), ("RUS", 2))
        for year, fear in made(seed).items()
    ]
    panel = Panel.from_frame(pd.DataFrame(rows), unit="state", year="year")
    of = panel.cells.index.get_level_values("unit")
    cells = panel.cells.assign(source=np.where(of == "CHN", *sources))
    return Panel(panel.frame, cells, panel.codebook)


def test_one_instrument_for_both_sides_is_found():
    first, second = common_instrument(poll(("pew", "pew")), "fear", ("CHN", "RUS"))

    assert first.equals(made(1).rename("fear").rename_axis("year"))
    assert second.equals(made(2).rename("fear").rename_axis("year"))


@pytest.mark.parametrize(
    ("sources", "units", "words"),
    [
        (("pew", "levada"), ("CHN", "RUS"), "no common instrument: fear of CHN comes from pew"),
        (("pew", "pew"), ("CHN", "CHN"), "CHN cannot be compared with itself"),
    ],
)
def test_without_a_common_instrument_perceptions_are_not_compared(sources, units, words):
    with pytest.raises(DesignError, match=words):
        common_instrument(poll(sources), "fear", units)


def test_a_source_that_has_one_side_only_is_no_common_instrument():
    with pytest.raises(DesignError, match="fear of RUS has no value from pew"):
        common_instrument(poll(("pew", "levada")), "fear", ("CHN", "RUS"), source="pew")
    with pytest.raises(UsageError):
        common_instrument(poll(("pew", "pew")), "hope", ("CHN", "RUS"))


def test_the_gap_does_not_depend_on_the_units_of_either_side():
    first, second = made(1), made(2)

    gap = gap_of_perceptions(first, second)

    assert gap.to_numpy() == pytest.approx(
        gap_of_perceptions(100 * first - 7, 0.01 * second).to_numpy()
    )
    assert gap.to_numpy() == pytest.approx(-gap_of_perceptions(second, first).to_numpy())


def test_a_gap_needs_twenty_common_years_and_two_sides_that_move():
    with pytest.raises(DesignError, match="19 years have both sides"):
        asymmetry_design(made(1), made(2).loc[2004:], {"pivot": 2012})
    with pytest.raises(DesignError, match=r"One side of .* never changes"):
        asymmetry_design(made(1), 0 * made(2), {"pivot": 2012})
