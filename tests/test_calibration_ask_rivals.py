"""Questions about rivals, mediators and components in words: answers, refusals, one form."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest

from analysis import DesignError, Panel, UsageError
from analysis.calibration import ask_components, ask_rivals
from analysis.calibration.ask_components import components
from analysis.calibration.ask_rivals import mediation, nonnested
from analysis.calibration.measure import Gauge
from analysis.calibration.store import LawShelf
from analysis.estimation.detailed_result import DetailedResult

YEARS = np.arange(1992, 2023)
NAMES = ["power", "proximity", "offence"]


@pytest.fixture(autouse=True)
def _fewer_series(monkeypatch):
    """Laws of 10,000 series at each node take seconds; what is asked here needs fewer."""
    monkeypatch.setattr(ask_rivals, "MEASURE_SERIES", 1_000)
    for module in (ask_rivals, ask_components):
        monkeypatch.setattr(module, "shared_shelf", partial(LawShelf, series=400))
    monkeypatch.setattr(ask_components, "Gauge", partial(Gauge, series=1_000))


@pytest.fixture(scope="module")
def panel() -> Panel:
    """Cooperation follows proximity and the mediator fear, which steps up by 5 in 2012."""
    drawn = np.random.default_rng(8).standard_normal((5, len(YEARS)))
    frame = pd.DataFrame(drawn[:3].T, columns=NAMES)
    frame["fear"] = 5 * (YEARS >= 2012) + drawn[3]
    frame["cooperation"] = 1.5 * frame["proximity"] + frame["fear"] + 0.7 * drawn[4]
    return Panel.from_frame(frame.assign(unit="CHN-RUS", year=YEARS), unit="unit", year="year")


def test_the_exposure_that_matters_is_favoured(panel):
    result = nonnested(
        panel,
        outcome="cooperation",
        exposure="proximity",
        rival_exposure="power",
        unit="CHN-RUS",
        controls={"fear": "CHN-RUS"},
        alternative="greater",
        draws=499,
    )
    table = result.to_frame()

    assert isinstance(result, DetailedResult)
    assert list(table.index) == ["proximity of CHN-RUS", "power of CHN-RUS"]
    assert table["p_value"].iloc[0] < 0.05 < table["p_value"].iloc[1]
    assert table["size"].max() < 0.08
    assert result.answer.startswith("proximity of CHN-RUS is favoured over power of CHN-RUS")
    assert result.tables["fit and forecast"]["aicc"].idxmin() == "proximity of CHN-RUS"
    assert result.tables["fit and forecast"].index[0] == "neither"


def test_a_mediator_is_found_and_its_curve_shown(panel):
    result = mediation(
        panel,
        outcome="cooperation",
        mediator="fear",
        unit="CHN-RUS",
        junctures={"pivot": 2012},
        controls={"proximity": "CHN-RUS"},
        draws=499,
    )
    table = result.to_frame()

    assert table.loc["pivot", "p_value"] < 0.05
    assert table.loc["pivot", "conf_low"] < 5.0 < table.loc["pivot", "conf_high"]
    assert "at most consistent with the data" in result.answer
    assert "roles exchanged, cooperation of CHN-RUS as the mediator" in result.answer
    curve = result.tables["sensitivity"]
    assert curve.loc[0.0, "estimate"] == pytest.approx(table.loc["total", "estimate"])
    assert result.tables["paths"].loc[("pivot", "second"), "p_value"] < 0.05


def test_components_are_asked_each_together_and_under_random_weights(panel):
    result = components(
        panel,
        outcome="cooperation",
        components=NAMES,
        unit="CHN-RUS",
        controls={"fear": "CHN-RUS"},
        draws=499,
        weight_draws=50,
    )
    table = result.to_frame()

    assert table.loc["proximity (together)", "p_value"] < 0.05
    assert table.loc["power (together)", "p_value"] > 0.05
    assert result.tables["corrected"].loc[("alone", "proximity"), "p_holm"] < 0.05
    assert result.tables["random weights"].loc["index", "draws"] == 50
    assert "of 50 draws" in result.answer
    assert np.isfinite(table[["size", "detectable"]].to_numpy()).all()


def test_an_answer_is_text_a_page_and_plain_values(panel):
    result = components(
        panel, outcome="fear", components=NAMES[:2], unit="CHN-RUS", draws=99, weight_draws=10
    )

    assert result.answer in result.summary()
    assert "random weights:" in result.summary()
    assert "<h4>corrected</h4>" in result._repr_html_()
    assert json.loads(json.dumps(result.to_dict(), default=float))["answer"] == result.answer


def test_what_cannot_be_asked_is_refused(panel):
    asked = {"outcome": "cooperation", "unit": "CHN-RUS"}

    with pytest.raises(UsageError, match="no variable"):
        nonnested(panel, exposure="power", rival_exposure="pwer", **asked)
    with pytest.raises(UsageError, match='no alternative "more"'):
        mediation(panel, mediator="fear", junctures={"p": 2012}, alternative="more", **asked)
    with pytest.raises(UsageError, match="named twice"):
        components(panel, components=["power", "power"], **asked)
    with pytest.raises(DesignError, match="20 are needed"):
        nonnested(panel, exposure="power", rival_exposure="offence", period=(2010, 2022), **asked)
