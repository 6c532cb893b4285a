"""Whole studies in which nothing happens: drawn as told, read as verdicts read, counted again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.calibration.store import LawShelf
from analysis.panel.assemble import assemble_panel
from analysis.records.study import Study, read_study
from analysis.replication.null_series import (
    STUDY_WORLDS,
    NullOutcomes,
    SeriesModel,
    World,
    fit_models,
)
from analysis.replication.null_studies import (
    EFFORT,
    FIRST,
    first_findings,
    is_staged,
    run_studies,
    share_out,
    tabulate,
)
from analysis.replication.outcome import Effort, make_ground
from analysis.verdict.trial import try_hypothesis
from tests.made_study import EXPORTS, YEARS, claim, noise, write_made_study

ROOT = Path(__file__).parent.parent
SIZES = ROOT / "reports" / "size"
QUICK = Effort(draws=399, law=600, reach=200, look_draws=99, look_law=200, rates=100)
VISITS = ("JPN-USA", "visits_count")
BOTH = ["treaty", "accord"]
RECOUNTED = "F6"  # the family whose first studies are counted again


def made_claims() -> list[dict]:
    """Claims of designs that are read in different ways, each alone in its family."""
    related = {"junctures": [], "term": "", "exposure": "visits_count", "lags": 1}
    visits = {"outcome": "visits_count", "units": ["JPN-USA"], "smallest_effect": 1.5}
    look = [
        {"name": "from 1993", "period": [1993, 2022]},
        {"name": "parabola", "trend": "quadratic"},
    ]
    return [
        claim(id="N-1.step", family="A", look=look),
        claim(id="N-2.total", family="B", junctures=BOTH, term="total", alternative="less"),
        claim(id="N-3.joint", family="C", junctures=BOTH, term="joint", alternative="two-sided"),
        claim(id="N-4.kink", family="D", design="kink"),
        claim(id="N-5.dates", family="E", design="date_set", junctures=["quiet", *BOTH],
              statistic="sum", term=""),
        claim(id="N-6.break", family="G", design="break_date", junctures=[], term="",
              search=[1996, 2018], expected=[1996, 2018]),
        claim(id="N-7.counts", family="H", design="counts", effect_unit="rate_ratio",
              claimed_effect=3.0, **visits),
        claim(id="N-8.relation", family="I", design="relation",
              unit_of={"visits_count": "JPN-USA"}, direction="forward", **related),
        claim(id="N-9.order", family="J", design="order", junctures=BOTH, term=""),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Study:
    rng = np.random.default_rng(4)
    visits = pd.Series(rng.poisson(8, len(YEARS)), index=YEARS).astype(float)
    values = {EXPORTS: noise(3), VISITS: visits}
    return read_study(write_made_study(tmp_path_factory.mktemp("line"), values, made_claims()))


@pytest.fixture(scope="module")
def counted(made):
    return run_studies(made, studies=slice(0, 40), effort=QUICK, worlds=["line", "planted"])


def outcomes_of(study: Study, world: str, studies: slice) -> NullOutcomes:
    ground = make_ground(study, QUICK)
    shelf = LawShelf(seed=study.settings.seed, series=QUICK.law // 2)
    models = fit_models(study.hypotheses.values(), ground, shelf)
    seed = study.settings.seed
    return NullOutcomes(models, ground.panel, STUDY_WORLDS[world], seed, studies)


def test_p_values_are_those_of_the_test_of_the_drawn_study(made, counted, tmp_path):
    """Exposures stay as observed, so each variable is put in alone."""
    (runs, _), number = counted, 1
    drawn = outcomes_of(made, "line", slice(0, 2))
    for key, other in ((EXPORTS, VISITS), (VISITS, EXPORTS)):
        years, rows = drawn.rows(key[1], key[0], None, np.array([number]))
        kept = assemble_panel(made).series(other[1], other[0])
        values = {key: pd.Series(rows[0], index=years), other: kept}
        claims = [each for each in made_claims() if each["outcome"] == key[1]]
        study = read_study(write_made_study(tmp_path / key[1], values, claims))
        ground = make_ground(study, QUICK)
        for name, hypothesis in study.hypotheses.items():
            trial = try_hypothesis(hypothesis, ground)
            p, seen = runs[name].worlds["line"].p_used[number], trial.reading.p_value
            if name == "N-5.dates":
                assert p == pytest.approx(seen, abs=1e-12)  # exact
            elif max(seen, p) > 0.10 and name in ("N-8.relation", "N-9.order"):
                assert min(seen, p) > 0.05  # raised where companions or the staircase do not agree
            elif min(p, seen) < 0.3:
                # p from 399 draws on one side, from tables of 600 series on the other
                assert p == pytest.approx(seen, abs=0.08), name


def test_a_study_does_not_depend_on_the_others(made, counted):
    names = ["N-1.step"]
    some, _ = run_studies(made, names=names, studies=slice(3, 5), effort=QUICK, worlds=["line"])

    for name in names:
        whole = counted[0][name].worlds["line"].p_used[3:5]
        assert some[name].worlds["line"].p_used.tolist() == whole.tolist()


def test_seldom_anything_is_found_where_nothing_happens_and_mostly_where_much_does(counted):
    runs, findings = counted
    null = np.stack(list(findings["line"].alone.values()))
    planted = findings["planted"].alone

    assert null.mean() <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / null.size)
    for name, found in planted.items():
        power = runs[name].stated_power
        # Binomial error of 40 studies, and errors that are estimated from one series.
        assert abs(found.mean() - power) <= 0.30, name
    assert np.mean([found.mean() for found in planted.values()]) > 0.5


def test_looks_can_take_a_finding_away(made, counted):
    """A look in which the trend is a parabola has to have the sign of the step."""
    alone = counted[1]["planted"].alone["N-1.step"]
    supported = counted[1]["planted"].supported["N-1.step"]

    assert supported.any()
    assert not (supported & ~alone).any()


def test_a_design_that_is_not_read_in_drawn_studies_counts_and_finds_nothing(tmp_path):
    related = {"junctures": [], "term": "", "exposure": "visits_count", "lags": 1}
    unit_of = {"visits_count": "JPN-USA"}
    long_run = claim(id="N-1.bounds", design="bounds", unit_of=unit_of, **related)
    values = {EXPORTS: noise(3), VISITS: noise(5).round().clip(lower=0)}
    study = read_study(write_made_study(tmp_path, values, [long_run]))

    runs, _ = run_studies(study, studies=slice(0, 3), effort=QUICK, worlds=["line"])

    assert not runs["N-1.bounds"].drawn
    assert runs["N-1.bounds"].worlds["line"].p_used.tolist() == [1.0, 1.0, 1.0]


def test_counts_stay_whole_and_shares_inside():
    def model(**changes):
        plain = SeriesModel(
            years=np.arange(2000, 2020),
            line=np.full(20, 1.0),
            rho=0.3,
            kappa=1.0,
            onset=2010,
            sd=1.0,
            sd_before=1.0,
            transform="sqrt38",
            observed=np.full(20, 1.0),
            whole=True,
            bounds=(0.0, np.inf),
        )
        return replace(plain, **changes)

    counts = model().draw(World("line"), seed=1, stream="x", studies=slice(0, 200))
    share = model(transform="none", whole=False, bounds=(0.0, 1.0))
    shares = share.draw(World("line"), seed=1, stream="x", studies=slice(0, 200))

    assert (counts == counts.round()).all()
    assert counts.min() == 0
    assert shares.min() == 0
    assert shares.max() == 1


def test_a_drawn_series_has_the_autocorrelation_and_sd_of_its_model(made):
    outcomes = outcomes_of(made, "line", slice(0, 3_000))
    model = outcomes.models["exports_usd", "JPN>USA"]
    _, rows = outcomes.rows("exports_usd", "JPN>USA", None, np.arange(3_000))
    errors = rows - model.line
    lagged = (errors[:, 1:] * errors[:, :-1]).mean() / (errors**2).mean()

    assert lagged == pytest.approx(model.rho, abs=0.03)
    assert errors.std() == pytest.approx(model.marginal_sd, rel=0.03)


def test_another_source_keeps_its_distance_to_the_preferred_one(made):
    panel = assemble_panel(made)
    seen = panel.observations[panel.observations["source"] == "atlas-2024"].copy()
    seen["value"] = seen["value"] + 2.0
    seen["source"] = "atlas-2020"
    both = replace(panel, observations=pd.concat([panel.observations, seen]).sort_index())
    outcomes = replace(outcomes_of(made, "line", slice(0, 5)), panel=both)
    every = np.arange(5)
    _, preferred = outcomes.rows("exports_usd", "JPN>USA", None, every)
    _, other = outcomes.rows("exports_usd", "JPN>USA", "atlas-2020", every)

    assert other == pytest.approx(preferred + 2.0)


def test_claims_are_shared_out_once_each(made):
    hypotheses = list(made.hypotheses.values())
    lists = share_out(hypotheses, 4)

    assert len(lists) <= 4
    assert sorted(each.id for part in lists for each in part) == sorted(made.hypotheses)


def test_the_table_counts_studies(made, counted):
    rows = tabulate(made.hypotheses, *counted)
    family = next(
        r for r in rows if (r.scope, r.name, r.measure) == ("family", "A", "any supported")
    )

    assert family.studies == 40
    assert family.share == counted[1]["line"].supported["N-1.step"].mean()
    assert is_staged(made.hypotheses["N-9.order"], made.hypotheses)


def test_the_stored_studies_keep_their_level():
    table = pd.read_csv(SIZES / "studies.csv")
    null = table[(table["world"] == "line") & (table["measure"] == "any supported")]
    families = null[null["scope"].isin(["family", "beside"])]
    staged = table[(table["scope"] == "staged") & (table["measure"] == "any supported")]

    assert (table["studies"] >= 200).all()
    assert (families["share"] <= 0.075).all()
    assert set(staged["world"]) == {"line", "spread", "trend", "s_curve", "kink"}
    assert (staged["share"] == 0).all()
    assert len(null[null["scope"] == "study"]) == 2


def test_the_first_stored_studies_can_be_counted_again():
    study = read_study(ROOT)
    names = [each.id for each in study.hypotheses.values() if each.family == RECOUNTED]
    worlds = ["line", "planted"]
    _, findings = run_studies(study, names=names, studies=slice(0, FIRST), worlds=worlds)
    chosen = {each.id: each for each in study.hypotheses.values()}
    stored = pd.read_csv(SIZES / "studies-first.csv")
    stored = stored[(stored["family"] == RECOUNTED) & stored["world"].isin(worlds)]
    again = [row for row in first_findings(chosen, findings) if row[2] == RECOUNTED]

    assert EFFORT.law >= 1_000  # p of one in a thousand can be told apart
    assert again == list(stored.itertuples(index=False, name=None))
