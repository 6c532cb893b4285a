"""Reliability of indices, against R."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.sources.indices import estimate_alpha, estimate_omega, fit_one_factor

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "tests" / "reference"
R = json.loads((REFERENCE / "composite.json").read_text())["expected"]
ATTITUDE = pd.read_csv(REFERENCE / "attitude.csv")


def test_alpha_agrees_with_r():
    """R 4.2.2, psych 2.2.9: alpha(attitude), standardised."""
    assert estimate_alpha(ATTITUDE.to_numpy(float)) == pytest.approx(R["attitude_alpha_std"])


def test_the_common_factor_agrees_with_r():
    """R 4.2.2: factanal(attitude, 1), which stops at a looser tolerance."""
    loadings = fit_one_factor(ATTITUDE.to_numpy(float))

    assert loadings == pytest.approx(list(R["factanal_loadings"].values()), abs=1e-4)


def test_omega_is_what_it_is_by_hand():
    """Three members, each .8 factor: (3 x .8)^2 over that and 3 x (1 - .64), which is .842."""
    rng = np.random.default_rng(5)
    factor = rng.standard_normal(200_000)
    noise = rng.standard_normal((200_000, 3))
    members = 0.8 * factor[:, None] + 0.6 * noise

    assert estimate_omega(members) == pytest.approx(5.76 / (5.76 + 1.08), abs=0.005)  # sampling


def test_reliability_does_not_depend_on_units_of_measure_or_order_of_series():
    series = ATTITUDE.to_numpy(float)
    other = (series * [1, 10, 0.5, 2, 3, 1, 7] + 4)[:, ::-1]

    assert estimate_alpha(other) == pytest.approx(estimate_alpha(series))
    assert estimate_omega(other) == pytest.approx(estimate_omega(series), abs=1e-5)  # a search
