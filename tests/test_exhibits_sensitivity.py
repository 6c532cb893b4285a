"""Figures of the sensitivity curve and of random weights: what is drawn, same bytes, alt text."""

import re

import numpy as np
import pandas as pd
import pytest

from analysis.exhibits.figures_sensitivity import plot_sensitivity, plot_weights, zero_crossing

RHO = np.arange(-18, 19) / 20
CURVE = pd.DataFrame(
    {"estimate": 0.3 - RHO, "conf_low": -0.2 - RHO, "conf_high": 0.8 - RHO},
    index=pd.Index(RHO, name="correlation"),
)
DRAWN = np.linspace(-1.0, 3.0, 400)
MARKS = pd.Series({"all, added": 0.5, "without power": -0.2})


def curve() -> str:
    return plot_sensitivity(CURVE, name="curve", outcome="cooperation", measured_in="sd").svg


def test_the_curve_crosses_zero_where_it_does():
    assert zero_crossing(RHO, 0.3 - RHO) == pytest.approx(0.3)
    assert zero_crossing(RHO, 0.33 - RHO) == pytest.approx(0.33)
    assert np.isnan(zero_crossing(RHO, RHO + 2))


def test_the_figures_say_in_words_what_they_show():
    drawn = plot_sensitivity(CURVE, name="curve", outcome="cooperation", measured_in="sd")
    weights = plot_weights(DRAWN, MARKS, name="weights", index="threat", measured_in="sd")

    assert "from 1.20 at -0.9 to -0.60 at 0.9; it is zero at 0.30" in drawn.alt
    assert "75 % are positive" in weights.alt
    assert "all, added: 0.50; without power: -0.20" in weights.alt
    for each in (drawn, weights):
        assert f"<desc>{each.alt}</desc>" in each.svg


def test_figures_are_the_same_bytes_on_every_run():
    again = plot_weights(DRAWN, MARKS, name="weights", index="threat", measured_in="sd")

    assert curve() == curve()
    assert (
        plot_weights(DRAWN, MARKS, name="weights", index="threat", measured_in="sd").svg
        == again.svg
    )
    assert not re.search(r"<dc:date>", curve())
