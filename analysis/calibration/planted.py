"""Lay out what an effect adds to each year, for every test of one series."""

import numpy as np
from numpy.typing import NDArray

from analysis.calibration.break_date_test import ExpectedDateTest
from analysis.calibration.date_set_test import DateSetTest
from analysis.calibration.gap import GapTest
from analysis.calibration.kink_test import KinkTest
from analysis.calibration.nonnested import NonnestedTest
from analysis.calibration.order_test import OrderTest
from analysis.calibration.ratio_test import RatioTest
from analysis.calibration.relation import RelationTest
from analysis.calibration.steps import StepsTest
from analysis.calibration.tested import SelfMeasuring

FloatArray = NDArray[np.float64]


def shape_of(test: StepsTest | SelfMeasuring, term: str, alternative: str) -> FloatArray | None:
    """An effect of one in the claimed direction by year of the test; None where none is planted."""
    sign = -1.0 if alternative == "less" else 1.0
    if isinstance(test, RatioTest):
        return shape_of(test.rates.stabilised, term, alternative)
    if isinstance(test, GapTest):
        return shape_of(test.inner, term, alternative)
    if isinstance(test, KinkTest):
        return shape_of(test.bends, term, alternative)
    if isinstance(test, NonnestedTest):
        return shape_of(test.both, term, alternative)
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
    if isinstance(test, StepsTest):
        design = test.design
        row = design.joint.sum(axis=0) if term == "joint" else None
        if row is None:
            row = design.contrasts[design.terms.index(term)]
            row = row / (row @ row)
        return np.asarray(sign * (design.layout.regressors @ row))
    return None
