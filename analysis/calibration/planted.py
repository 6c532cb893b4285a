"""Lay out what an effect adds to each year, for every test of one series."""

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.break_date_test import ExpectedDateTest
from analysis.calibration.date_set_test import DateSetTest
from analysis.calibration.inner_regression import regression_of
from analysis.calibration.order_test import OrderTest
from analysis.calibration.relation import RelationTest
from analysis.calibration.steps import StepsTest
from analysis.calibration.tested import SelfMeasuring

FloatArray = NDArray[np.float64]


def shape_of(test: StepsTest | SelfMeasuring, term: str, alternative: str) -> FloatArray | None:
    """An effect of one in the claimed direction by year of the test; None where none is planted."""
    sign = -1.0 if alternative == "less" else 1.0
    if isinstance(test, RelationTest):
        return sign * test.design.even_path
    if isinstance(test, OrderTest):
        onsets = np.array(list(test.steps.design.onsets.values()))
        return np.asarray(sign * (test.years[:, None] >= onsets).sum(axis=1))
    if isinstance(test, DateSetTest):
        return test.world.staircase  # which goes the way claimed
    if isinstance(test, ExpectedDateTest):
        inside = [
            int(year)
            for year in test.found.design.onsets
            if test.expected[0] <= year <= test.expected[1]
        ]
        return np.asarray(sign * (test.years >= inside[len(inside) // 2]))
    regression = regression_of(test)
    if regression is None:
        return None
    design = regression.design
    row = design.joint.sum(axis=0) if term == "joint" else None
    if row is None:
        row = design.contrasts[design.terms.index(term)]
        row = row / (row @ row)
    return np.asarray(sign * (design.layout.regressors @ row))
