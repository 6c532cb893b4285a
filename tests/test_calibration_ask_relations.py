"""Relations, bounds, moderation and asymmetry asked of a panel in words."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from analysis.calibration import ask_relations
from analysis.calibration.ask_relations import asymmetry, bounds, moderation, relation
from analysis.calibration.asked import Asked
from analysis.calibration.measure import Gauge
from analysis.calibration.store import LawShelf
from analysis.errors import DesignError, UsageError
from analysis.panel.panel import Panel

YEARS = np.arange(1992, 2023)


@pytest.fixture
def _few_series(monkeypatch):
    """Sizes counted in fewer series than anyone should report."""
    monkeypatch.setattr(Asked, "shelf", LawShelf(seed=17, series=500))
    monkeypatch.setattr(ask_relations, "Gauge", partial(Gauge, series=500))


def two_states() -> Panel:
    rng = np.random.default_rng(12)
    frames = []
    for state, step in (("CHN", 0.0), ("RUS", 4.0)):
        fear = rng.standard_normal(len(YEARS)) + step * (YEARS >= 2014)
        frames.append(
            pd.DataFrame({"state": state, "year": YEARS, "fear": fear, "arms": 1 + fear**2})
        )
    return Panel.from_frame(pd.concat(frames), unit="state", year="year")


@pytest.mark.usefixtures("_few_series")
def test_the_gap_between_two_perceptions_is_asked_in_words():
    result = asymmetry(
        two_states(), outcome="fear", units=("RUS", "CHN"), junctures={"ukraine": 2014}, draws=499,
        alternative="greater",
    )  # fmt: skip

    assert result.unit == "RUS less CHN"
    assert result.to_frame().loc["ukraine", "p_value"] < 0.05
    assert "RUS less CHN in sd of each side: 31 years, 1992-2022" in result.summary()


@pytest.mark.usefixtures("_few_series")
def test_a_relation_is_asked_in_words():
    result = relation(
        two_states(), outcome="fear", exposure="arms", unit="RUS", exposure_unit="CHN",
        direction="both", draws=499,
    )  # fmt: skip
    methods = result.tables["by method"]

    assert result.to_frame().index.to_list() == ["exposure", "reverse"]
    assert "Toda-Yamamoto of the reverse" in methods.index
    assert result.to_frame().loc["exposure", "p_value"] >= methods.loc["level", "p_value"]
    assert result.summary() in repr(result)
    assert result.n_obs == 30


@pytest.mark.usefixtures("_few_series")
def test_bounds_and_moderation_are_asked_in_words():
    panel = two_states()
    long = bounds(
        panel, outcome="fear", exposure="arms", unit="RUS", exposure_unit="CHN", draws=199
    )
    more = moderation(
        panel, outcome="fear", exposure="arms", moderator="fear", unit="RUS",
        exposure_unit="CHN", moderator_unit="CHN", draws=199, controls={"arms": "RUS"},
    )  # fmt: skip

    assert long.to_frame().loc["long_run", "p_value"] == pytest.approx(
        long.tables["the three tests"]["p_value"].max()
    )
    assert more.to_frame().index.to_list() == ["interaction", "at_mean", "at_low", "at_high"]


def test_an_option_that_there_is_not_is_refused():
    words = {"outcome": "fear", "exposure": "arms", "unit": "RUS"}

    with pytest.raises(UsageError, match='There is no alternative "up"'):
        relation(two_states(), **words, alternative="up")
    with pytest.raises(UsageError, match="9 draws are too few"):
        bounds(two_states(), **words, draws=9)
    with pytest.raises(DesignError, match="18 years have fear of RUS together with arms of RUS"):
        relation(two_states(), **words, period=(2004, 2022))
