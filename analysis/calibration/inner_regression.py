"""The one regression with an error model that a test of one series is built on."""

from analysis.calibration.date_set_test import DateSetTest
from analysis.calibration.gap import GapTest
from analysis.calibration.kink_test import KinkTest
from analysis.calibration.nonnested import NonnestedTest
from analysis.calibration.order_test import OrderTest
from analysis.calibration.ratio_test import RatioTest
from analysis.calibration.relation import RelationTest
from analysis.calibration.steps import StepsTest
from analysis.calibration.tested import SelfMeasuring


def regression_of(test: StepsTest | SelfMeasuring) -> StepsTest | None:
    """The regression whose errors those of the test are; None where there is not just one."""
    if isinstance(test, StepsTest):
        return test
    if isinstance(test, GapTest):
        return test.inner
    if isinstance(test, KinkTest):
        return test.bends
    if isinstance(test, RelationTest):
        return test.level
    if isinstance(test, NonnestedTest):
        return test.both
    if isinstance(test, OrderTest):
        return test.steps
    if isinstance(test, DateSetTest):
        return test.errors
    return test.rates.stabilised if isinstance(test, RatioTest) else None
