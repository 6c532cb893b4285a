"""Indices: their arithmetic against R and by hand, no steps from missing years, and their table."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import DesignError
from analysis.panel import (
    Panel,
    append_composites,
    assemble_panel,
    combine_by_first_component,
    combine_equally,
    composite_codebook_rows,
    make_observations,
    measure_reliability,
    plan_indices,
    score_members,
    tabulate_indices,
    weigh_at_random,
)
from analysis.panel.composite import draw_shares
from analysis.records import Study, check_study, read_study
from analysis.records.composites import Member, name_index
from analysis.records.digest import digest_data
from analysis.sources.observations import (
    read_observations,
    tabulate_observations,
    write_observations,
)

ROOT = Path(__file__).parent.parent
REFERENCE = Path(__file__).parent / "reference"
COMPOSITES = "data/composites.csv"
HEADER = "composite,subject,component,variable,unit,transform,direction,note\n"
ROWS = (
    "cooperation,JPN-USA,diplomacy,visits_count,JPN-USA,sqrt38,1,\n"
    "cooperation,JPN-USA,diplomacy,votes_agreement_share,JPN-USA,none,-1,\n"
    "cooperation,JPN-USA,trade,exports_usd,JPN>USA,log,1,\n"
)


def panel_of(first_year: int = 1990, **series: list[float]) -> Panel:
    """The series of one unit, A, by consecutive year."""
    frame = pd.DataFrame(series)
    years = range(first_year, first_year + len(frame))
    return Panel.from_frame(frame.assign(unit="A", year=years), unit="unit", year="year")


def member(variable: str, component: str = "one", *, direction: int = 1, transform: str = "none"):
    return Member("threat", "A", component, variable, "A", transform, direction, "")


def members_of(panel: Panel) -> list[Member]:
    return [member(name) for name in panel.variables]


def wide(file: str) -> Panel:
    table = pd.read_csv(REFERENCE / file).astype(float)
    return panel_of(**{name: list(table[name]) for name in table.columns})


def column(name: str) -> str:
    return f"{name} of A"


# agreement with R


def test_the_first_component_agrees_with_r():
    """R 4.2.2: prcomp(USArrests, scale. = TRUE); there all loadings are below zero."""
    scores = score_members(panel := wide("usarrests.csv"), members_of(panel))
    index = combine_by_first_component(scores)
    sdev = [1.574878274391, 0.9948694148178, 0.5971291155025, 0.416449381954]

    assert (index.weights * sdev[0]).to_dict() == pytest.approx(
        {
            column("Murder"): 0.5358994749382,
            column("Assault"): 0.5831836349097,
            column("UrbanPop"): 0.2781908746194,
            column("Rape"): 0.5434320914457,
        },
        rel=1e-5,
    )
    assert index.explained == pytest.approx(sdev[0] ** 2 / 4, rel=1e-5)


def test_the_share_of_the_first_component_agrees_with_r():
    """R 4.2.2: prcomp(attitude, scale. = TRUE)."""
    scores = score_members(panel := wide("attitude.csv"), members_of(panel))

    assert combine_by_first_component(scores).explained == pytest.approx(0.5309108215165, rel=1e-5)


def test_the_mean_of_z_scores_agrees_with_r():
    """R 4.2.2: rowMeans(scale(attitude))[1:5], here divided by its own sd."""
    scores = score_members(panel := wide("attitude.csv"), members_of(panel))
    index = combine_equally(scores)
    sd_of_mean = 1 / 7 / index.weights.iloc[0]

    assert (index.values.head(5) * sd_of_mean).tolist() == pytest.approx(
        [-0.6751621736212, -0.09226182387621, 0.8272516341756, -0.4131834884943, 0.7279257919977],
        rel=1e-5,
    )
    assert index.values.std() == pytest.approx(1)


def test_alpha_agrees_with_r():
    """R 4.2.2, psych 2.2.9: alpha(attitude)$total$std.alpha."""
    scores = score_members(panel := wide("attitude.csv"), members_of(panel))

    assert measure_reliability(scores).alpha == pytest.approx(0.8390838030295, rel=1e-5)


def test_omega_agrees_with_r():
    """R 4.2.2: l <- factanal(attitude, 1)$loadings; sum(l)^2 / (sum(l)^2 + sum(1 - l^2))."""
    loadings = np.array(
        [0.8524782366618, 0.9022414443781, 0.592705153816, 0.7306959450575, 0.7649939013782,
         0.2460927934074, 0.3778440841137]
    )  # fmt: skip
    scores = score_members(panel := wide("attitude.csv"), members_of(panel))
    common = loadings.sum() ** 2

    assert measure_reliability(scores).omega == pytest.approx(
        common / (common + (1 - loadings**2).sum()),
        abs=1e-3,  # factanal stops its search at a looser tolerance
    )


# by hand


def test_alpha_and_omega_of_a_toy_by_hand():
    """Loadings .9, .8, .5: correlations .72, .45, .40; alpha is 1.57 / 2.0467, omega 4.84 / 6.14.

    The factor and the three uniquenesses are four rows of signs that are exactly uncorrelated.
    """
    signs = np.array([[1, 1, 1, 1, -1, -1, -1, -1], [1, 1, -1, -1, 1, 1, -1, -1],
                      [1, -1, 1, -1, 1, -1, 1, -1], [1, -1, -1, 1, -1, 1, 1, -1]])  # fmt: skip
    made = {
        name: list(loading * signs[0] + np.sqrt(1 - loading**2) * signs[row])
        for row, (name, loading) in enumerate({"x": 0.9, "y": 0.8, "z": 0.5}.items(), start=1)
    }
    scores = score_members(panel := panel_of(**made), members_of(panel))
    measured = measure_reliability(scores)

    assert measured.alpha == pytest.approx(1.57 / (1 + 2 * 1.57 / 3))
    assert measured.omega == pytest.approx(4.84 / 6.14, rel=1e-4)
    assert (measured.n_members, measured.n_years) == (3, 8)


def test_reliability_is_not_given_where_it_is_not_defined():
    panel = panel_of(x=[1.0, 2, 4, 3], y=[1.0, 3, 2, 4])
    two, one = members_of(panel), [member("x")]

    assert np.isnan(measure_reliability(score_members(panel, two)).omega)
    assert np.isnan(measure_reliability(score_members(panel, one)).alpha)


def test_a_common_trend_alone_makes_alpha_of_levels_and_not_of_changes():
    rng = np.random.default_rng(3)
    panel = panel_of(**{name: list(np.arange(40) + rng.normal(size=40)) for name in "xyz"})
    measured = measure_reliability(score_members(panel, members_of(panel)))

    assert measured.alpha > 0.95
    assert abs(measured.alpha_of_changes) < 0.4


def test_changes_are_not_taken_across_a_missing_year():
    """Without 1992 and 1995 three changes are left: of 1991, 1994 and 1997."""
    x = [1.0, 2, np.nan, 9, 7, np.nan, 1, 4]
    panel = panel_of(x=x, y=[2.0, 1, 5, 3, 4, 6, 8, 9])
    scores = score_members(panel, members_of(panel))
    by_hand = np.corrcoef([1.0, -2, 3], [-1.0, 1, 1])[0, 1]

    assert measure_reliability(scores).alpha_of_changes == pytest.approx(
        2 * by_hand / (1 + by_hand)
    )


def test_equal_weights_by_hand():
    """In z, x is -1, 0, 1, y is -1, 0, 1 and w is 1, -1, 0; x weighs 1/2, y and w 1/4.

    That makes -.5, -.25 and .75, whose sd is the root of .4375.
    """
    panel = panel_of(x=[1.0, 2, 3], y=[0.0, 2, 4], w=[2.0, 0, 1])
    scores = score_members(panel, [member("x", "a"), member("y", "b"), member("w", "b")])

    assert combine_equally(scores).values.to_dict() == pytest.approx(
        {1990: -0.5 / 0.4375**0.5, 1991: -0.25 / 0.4375**0.5, 1992: 0.75 / 0.4375**0.5}
    )


def test_the_values_are_the_scores_times_the_weights():
    panel = panel_of(x=[1.0, 2, 3, 7], y=[0.0, 2, 4, 1], w=[2.0, 0, 1, 1])
    scores = score_members(panel, members_of(panel))
    index = combine_equally(scores)

    assert (scores.values @ index.weights).tolist() == pytest.approx(index.values.tolist())


def test_the_transform_comes_before_the_scale():
    """Logs of 1, e and e squared are 0, 1, 2, whose z are -1, 0, 1."""
    panel = panel_of(x=[1.0, np.e, np.e**2])
    scores = score_members(panel, [member("x", transform="log")])

    assert scores.values[column("x")].tolist() == pytest.approx([-1, 0, 1])


def test_a_member_turned_round_enters_as_its_mirror_image():
    panel = panel_of(x=[1.0, 2, 4, 3], y=[5.0, 1, 2, 2], mirror=[-5.0, -1, -2, -2])
    turned = score_members(panel, [member("x"), member("y", direction=-1)])
    mirrored = score_members(panel, [member("x"), member("mirror")])

    for combine in (combine_equally, combine_by_first_component):
        assert combine(turned).values.tolist() == pytest.approx(combine(mirrored).values.tolist())


def test_the_first_component_points_where_the_members_point():
    rising = panel_of(x=[1.0, 2, 3, 5, 6], y=[1.0, 3, 2, 5, 7], w=[0.0, 1, 3, 2, 4])
    up = [member(name) for name in "xyw"]
    down = [replace(each, direction=-1) for each in up]

    first, last = combine_by_first_component(score_members(rising, up)).values.iloc[[0, -1]]
    assert first < 0 < last
    first, last = combine_by_first_component(score_members(rising, down)).values.iloc[[0, -1]]
    assert first > 0 > last


def test_an_index_does_not_depend_on_units_of_measure_or_order_of_members():
    panel = panel_of(x=[1.0, 2, 4, 3], y=[5.0, 1, 2, 2], z=[1000.0, 2000, 4000, 3000])
    one = combine_equally(score_members(panel, [member("x"), member("y")]))
    other = combine_equally(score_members(panel, [member("y"), member("z")]))

    assert other.values.tolist() == pytest.approx(one.values.tolist())


# missing years


def with_trend_and_wave() -> tuple[list[float], list[float]]:
    years = np.arange(30.0)
    return list(years), list(5 * np.sin(years))


def test_a_member_that_ends_early_ends_the_index_and_makes_no_step():
    trend, wave = with_trend_and_wave()
    cut = [*trend[:24], *[np.nan] * 6]
    whole = panel_of(trend=trend, wave=wave)
    short = panel_of(trend=cut, wave=wave)
    base = (1990, 2009)

    full = combine_equally(score_members(whole, members_of(whole), base)).values
    part = combine_equally(score_members(short, members_of(short), base)).values

    assert part.index.max() == 2013
    assert part.tolist() == pytest.approx(full.loc[:2013].tolist())


def test_a_member_missing_in_between_leaves_a_gap_and_moves_no_other_year():
    trend, wave = with_trend_and_wave()
    gap = [*trend[:25], np.nan, *trend[26:]]
    whole, holed = panel_of(trend=trend, wave=wave), panel_of(trend=gap, wave=wave)
    base = (1990, 2009)

    full = combine_equally(score_members(whole, members_of(whole), base)).values
    part = combine_equally(score_members(holed, members_of(holed), base)).values

    assert 2015 not in part.index
    assert part.tolist() == pytest.approx(full.drop(2015).tolist())


def test_later_years_do_not_move_an_index_with_a_base():
    trend, wave = with_trend_and_wave()
    rising = [x + y for x, y in zip(trend, wave, strict=True)]
    panel = panel_of(trend=trend, rising=rising)
    later = panel_of(trend=[*trend[:25], *[900.0] * 5], rising=rising)

    for combine in (combine_equally, combine_by_first_component):
        before = combine(score_members(panel, members_of(panel), (1990, 2009))).values
        after = combine(score_members(later, members_of(later), (1990, 2009))).values
        assert after.loc[:2014].tolist() == pytest.approx(before.loc[:2014].tolist())


def test_the_base_counts_the_years_that_all_members_share():
    panel = panel_of(x=[np.nan, np.nan, 1, 2, 4, 3], y=[9.0, 9, 1, 3, 2, np.nan])
    scores = score_members(panel, members_of(panel), (1990, 1995))

    assert (scores.base, scores.n_base_years) == ((1992, 1994), 3)
    assert scores.values.mean().tolist() == pytest.approx([0, 0])
    assert scores.values.std().tolist() == pytest.approx([1, 1])


# refusals


def test_members_with_too_few_years_in_common_are_refused():
    panel = panel_of(x=[1.0, 2, 3, np.nan, np.nan], y=[np.nan, np.nan, 3, 4, 5])
    message = "have 1 years in common and need 3: x of A has 1990-1992 and y of A has 1992-1994"

    with pytest.raises(DesignError, match=message):
        score_members(panel, members_of(panel))


def test_members_without_a_year_in_common_are_refused():
    panel = panel_of(x=[1.0, 2, np.nan, np.nan], y=[np.nan, np.nan, 3, 4])

    with pytest.raises(DesignError, match="have 0 years in common"):
        score_members(panel, members_of(panel))


def test_a_member_that_does_not_vary_is_refused():
    panel = panel_of(x=[1.0, 2, 3], y=[4.0, 4, 4])

    with pytest.raises(DesignError, match="y of A does not vary in 1990-1992"):
        score_members(panel, members_of(panel))


def test_a_value_without_the_transform_is_refused():
    panel = panel_of(x=[1.0, 0, 3])

    with pytest.raises(DesignError, match="x of A, 1991: 0 has no log"):
        score_members(panel, [member("x", transform="log")])


def test_members_that_cancel_each_other_are_refused():
    panel = panel_of(x=[1.0, 2, 4], y=[-1.0, -2, -4])

    with pytest.raises(DesignError, match="cancel each other"):
        combine_equally(score_members(panel, members_of(panel)))


def test_a_first_component_without_a_direction_is_refused():
    panel = panel_of(x=[1.0, 2, 3, 4], y=[4.0, 2, 3, 1])

    with pytest.raises(DesignError, match="sets x of A and y of A against each other"):
        combine_by_first_component(score_members(panel, members_of(panel)))


# weights at random


def drawn(draws: int = 500, seed: int = 1, stream: str = "example"):
    panel = panel_of(x=[1.0, 2, 3, 7], y=[0.0, 2, 4, 1], w=[2.0, 0, 1, 1])
    parts = [member("x", "a"), member("y", "b"), member("w", "b")]
    scores = score_members(panel, parts)
    return scores, weigh_at_random(scores, draws=draws, seed=seed, stream=stream)


def test_drawn_weights_sum_to_one_and_are_equal_on_average():
    """The mean is that of equal weights: 1/2 for the one member of a, 1/4 for each of b."""
    _, weightings = drawn(20_000)

    assert weightings.shares.sum(axis=1).to_numpy() == pytest.approx(1)
    assert (weightings.shares >= 0).all(axis=None)
    assert weightings.shares.mean().to_dict() == pytest.approx(
        {column("x"): 0.5, column("y"): 0.25, column("w"): 0.25}, abs=0.01
    )


def test_every_split_is_as_likely_as_any_other():
    """Dirichlet(1, 1, 1): a share has variance 1/18 and is above 1/2 in one case of four."""
    shares = draw_shares(7, "example", 50_000, 3)

    assert shares.var(axis=0) == pytest.approx([1 / 18] * 3, rel=0.03)
    assert (shares > 0.5).mean(axis=0) == pytest.approx([0.25] * 3, abs=0.01)


def test_drawn_indices_are_the_scores_with_the_drawn_weights():
    scores, weightings = drawn(20)
    by_hand = scores.values @ weightings.shares.T
    by_hand = by_hand / by_hand.std()

    assert weightings.values.shape == (4, 20)
    assert np.allclose(weightings.values, by_hand)


def test_drawn_weights_depend_on_the_seed_the_name_and_the_number_of_the_draw_alone():
    _, one = drawn(50)
    _, same = drawn(50)
    _, longer = drawn(80)
    _, other_seed = drawn(50, seed=2)
    _, other_name = drawn(50, stream="another")

    assert one.shares.equals(same.shares)
    assert longer.shares.head(50).equals(one.shares)
    assert not np.allclose(one.shares, other_seed.shares)
    assert not np.allclose(one.shares, other_name.shares)


# rows of a study


@pytest.fixture
def composed(toy_study: Path) -> Path:
    """The toy study with an index of cooperation declared."""
    (toy_study / COMPOSITES).write_text(HEADER + ROWS, encoding="utf-8")
    return toy_study


def declare_indices(study: Path) -> None:
    """Add what the indices need in the codebook, the sources and the bibliography."""
    read = read_study(study)
    rows = composite_codebook_rows(assemble_panel(read), read.composites, read.settings.period)
    codebook = study / "data/codebook.csv"
    table = pd.concat([pd.read_csv(codebook, dtype=str, keep_default_na=False), rows])
    table.sort_values("variable").to_csv(codebook, index=False, lineterminator="\n")
    sources = study / "data/sources.csv"
    lines = sources.read_text(encoding="utf-8").splitlines()
    for source in ("composite", "composite-pca"):
        lines.append(f"{source},A. Author,Indices,2024,,CC BY 4.0,,,")
        with (study / "data/references.bib").open("a", encoding="utf-8") as references:
            references.write(f"@misc{{{source}, title = {{Indices}}, year = {{2024}}}}\n")
    sources.write_text("\n".join([lines[0], *sorted(lines[1:])]) + "\n", encoding="utf-8")


def test_a_study_with_indices_appended_has_no_faults_and_a_panel_that_holds_them(composed):
    path = composed / "data/observations.csv"
    declare_indices(composed)
    write_observations(append_composites(read_observations(path), read_study(composed)), path)

    assert check_study(composed) == ()
    study = read_study(composed)
    index = assemble_panel(study).series("cooperation_index", "JPN-USA")
    scores = score_members(assemble_panel(study), study.composites, study.settings.period)
    assert index.tolist() == pytest.approx(combine_equally(scores).values.tolist())
    assert 2020 not in index.index  # visits of 2020 are missing


def test_appending_again_changes_nothing(composed):
    declare_indices(composed)
    study = read_study(composed)
    once = append_composites(read_observations(composed / "data/observations.csv"), study)

    assert append_composites(once, study).equals(once)


def test_appending_leaves_the_other_rows_as_they_are_and_in_order(composed):
    declare_indices(composed)
    stored = read_observations(composed / "data/observations.csv")
    table = append_composites(stored, read_study(composed))
    others = table[~table["source"].str.startswith("composite")].reset_index(drop=True)
    keys = list(table[["unit", "year", "variable", "source"]].itertuples(index=False, name=None))

    assert others.astype(str).equals(stored.astype(str))
    assert keys == sorted(keys)


def test_a_study_without_the_table_is_left_as_it_is(toy_study):
    stored = read_observations(toy_study / "data/observations.csv")

    assert append_composites(stored, read_study(toy_study)).astype(str).equals(stored.astype(str))


def test_a_value_can_be_made_again_from_its_locator(composed):
    """The locator holds weights to four places, so the sum is right to about three."""
    study = read_study(composed)
    panel = assemble_panel(study)
    scores = score_members(panel, study.composites, study.settings.period)
    (row,) = (
        each
        for each in make_observations(panel, study.composites, study.settings.period)
        if (each.variable, each.year, each.source) == ("cooperation_index", 2005, "composite")
    )
    terms = row.locator.removeprefix("computed as the sum of standardised ").split("; ")
    total = 0.0
    for term, each in zip(terms, study.composites, strict=True):
        weight, name = term.split(" ", 1)
        assert each.series in name
        total += float(weight) * each.direction * scores.values.at[2005, each.series]

    assert (row.unit, row.status) == ("JPN-USA", "computed")
    assert row.note == "standardised over 1990-2022, 32 years"
    assert total == pytest.approx(row.value, abs=1e-3)


def test_an_index_that_leans_on_a_recalled_value_is_recalled_in_every_year(toy_study):
    """members_count of 2022 is recalled in the toy study, and 2022 is in the base."""
    panel = assemble_panel(read_study(toy_study))
    club = Member("threat", "OECD", "club", "members_count", "OECD", "none", 1, "")
    rows = make_observations(panel, [club], (1990, 2022))

    assert {row.status for row in rows} == {"recalled"}
    assert rows[0].note.endswith("leans on recalled values of members_count of OECD")


def test_a_member_that_the_first_component_turns_round_is_named():
    panel = panel_of(x=[1.0, 2, 3, 4, 5], y=[1.0, 2, 4, 3, 5], w=[5.0, 4, 3, 2, 0])
    rows = make_observations(panel, members_of(panel))
    notes = {row.source: row.note for row in rows if row.variable == "threat_index"}

    assert notes["composite-pca"].endswith("against its declared direction enters w of A")
    assert "against" not in notes["composite"]


def test_each_component_and_the_whole_give_an_index_once():
    one, two = member("x", "a"), member("y", "b")
    copies = [replace(one, composite="threat_long"), replace(two, composite="threat_long")]
    shorter = [one, two, member("z", "c"), *copies]

    assert [plan.variable for plan in plan_indices(shorter)] == [
        "threat_a_index", "threat_b_index", "threat_c_index", "threat_index", "threat_long_index",
    ]  # fmt: skip
    assert [plan.variable for plan in plan_indices([one, member("y", "a")])] == ["threat_index"]


def test_the_codebook_rows_name_members_sources_and_years(composed):
    study = read_study(composed)
    rows = composite_codebook_rows(assemble_panel(study), study.composites, study.settings.period)
    whole = rows.set_index("variable").loc["cooperation_index"]

    assert list(rows["variable"]) == [
        "cooperation_diplomacy_index", "cooperation_index", "cooperation_trade_index",
    ]  # fmt: skip
    assert list(rows["label"]) == [
        "Index of cooperation: diplomacy", "Index of cooperation", "Index of cooperation: trade",
    ]  # fmt: skip
    assert whole["note"].endswith("JPN-USA 1990-2022, 3 members.")
    assert whole["derived_from"] == "exports_usd;visits_count;votes_agreement_share"
    assert (whole["construct"], whole["measured_in"], whole["scale"]) == (
        "cooperation", "sd", "index",
    )  # fmt: skip
    assert whole["sources"] == "composite;composite-pca"
    assert (whole["coverage_first"], whole["coverage_last"]) == ("1990", "2022")


def test_a_table_of_indices_gives_years_and_reliability(composed):
    study = read_study(composed)
    table = tabulate_indices(assemble_panel(study), study.composites, study.settings.period)
    whole = table.set_index("variable").loc["cooperation_index"]

    assert (whole["n_members"], whole["first_year"], whole["n_years"]) == (3, 1990, 32)
    assert np.isfinite(
        whole[["alpha", "alpha_of_changes", "omega", "explained"]].astype(float)
    ).all()


# the declared table


def test_a_study_with_composites_is_read(composed):
    first = read_study(composed).composites[0]

    assert (first.series, first.transform, first.direction) == (
        "visits_count of JPN-USA", "sqrt38", 1,
    )  # fmt: skip
    assert check_study(composed) == ()


def test_a_study_without_composites_has_none(toy_study):
    assert read_study(toy_study).composites == ()
    assert check_study(toy_study) == ()


def test_the_fingerprint_of_the_data_covers_the_table_where_there_is_one(toy_study):
    without = digest_data(toy_study)
    (toy_study / COMPOSITES).write_text(HEADER + ROWS, encoding="utf-8")

    assert digest_data(toy_study) != without


PLANTED = [
    ("visits_count", "visit_count", 2, "variable",
     'the variable "visit_count" is not listed; did you mean visits_count?'),
    ("count,JPN-USA", "count,JPN-UAS", 2, "unit", 'the unit "JPN-UAS" is not listed'),
    ("cooperation,JPN-USA,dip", "cooperation,JPN-UAS,dip", 2, "subject", '"JPN-UAS" is not listed'),
    (",sqrt38,", ",sqrt,", 2, "transform", '"sqrt" is not a transform; did you mean sqrt38?'),
    (",log,", ",standardise,", 4, "transform", '"standardise" is not a transform'),
    (",log,1,", ",log,+1,", 4, "direction", '"+1" is not a direction'),
    (",log,1,", ",log,2,", 4, "direction", '"2" is not a direction; known are -1 and 1'),
    ("count,JPN-USA", "count,JPN", 2, "unit",
     'visits_count has no value for "JPN"; did you mean JPN-USA?'),
    ("trade,exports_usd", "trade,cooperation_index", 4, "variable",
     "cooperation_index is itself an index of this table"),
    (",trade,", ",Trade,", 4, "component", '"Trade" cannot be part of the name of a variable'),
    (",trade,exports_usd,JPN>USA,log", ",trade,visits_count,JPN-USA,log", 4, "variable",
     "visits_count of JPN-USA stands already in row 2; keep it in one component"),
    ("cooperation,JPN-USA,trade", "friendship,JPN-USA,trade", 4, "composite",
     '"friendship" does not begin with a construct; begin with threat, perception'),
    ("diplomacy,votes_agreement_share", "diplomacy,visits_count", 3, "composite, subject",
     "stands already in row 2"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "row", "column", "words"), PLANTED)
def test_a_planted_fault_is_found_in_its_row(composed, right, wrong, row, column, words):
    text = HEADER + ROWS
    assert right in text
    (composed / COMPOSITES).write_text(text.replace(right, wrong, 1), encoding="utf-8")

    found = [fault for fault in check_study(composed) if fault.file == COMPOSITES]

    assert any(
        fault.row == row and fault.column.startswith(column) and words in str(fault)
        for fault in found
    ), found


def test_a_member_derived_from_another_member_is_a_fault(composed):
    codebook = composed / "data/codebook.csv"
    text = codebook.read_text(encoding="utf-8")
    derived = text.replace("diary,1990,2022,,\nvotes", "diary,1990,2022,exports_usd,\nvotes")
    assert derived != text
    codebook.write_text(derived, encoding="utf-8")

    assert [str(fault) for fault in check_study(composed)] == [
        "data/composites.csv, row 2, variable: visits_count is derived from exports_usd, which is "
        "a member too; keep one of the two."
    ]


# the indices of this study


@pytest.fixture(scope="module")
def this_study() -> Study:
    return read_study(ROOT)


def test_no_series_belongs_to_two_constructs(this_study):
    constructs: dict[str, set[str]] = {}
    for each in this_study.composites:
        constructs.setdefault(each.series, set()).add(each.composite.split("_")[0])

    assert [series for series, of in constructs.items() if len(of) > 1] == []


def test_no_index_of_this_study_leans_on_recalled_values_or_on_fewer_than_twenty_years(this_study):
    panel, period = assemble_panel(this_study), this_study.settings.period
    rows = tabulate_observations(make_observations(panel, this_study.composites, period))
    years = rows[rows["source"] == "composite"].groupby(["variable", "unit"])["year"].nunique()

    assert set(rows["status"]) == {"computed"}
    assert years.min() >= 20
    assert {(name_index("threat"), unit) for unit in ("CHN", "RUS", "CHN-RUS")} <= set(years.index)
