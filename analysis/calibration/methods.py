"""The versions of every method that a test may rest on, for keys of what is made of tests."""

from analysis.calibration import (
    absorbed,
    break_date_test,
    break_law,
    date_set_test,
    equivalence_test,
    firsts_test,
    gap,
    kink_test,
    mediation,
    nonnested,
    order_test,
    ratio_test,
    store,
)

METHODS = (
    store.METHOD,
    absorbed.METHOD,
    break_date_test.METHOD,
    break_law.METHOD,
    date_set_test.METHOD,
    equivalence_test.METHOD,
    firsts_test.METHOD,
    gap.METHOD,
    kink_test.METHOD,
    mediation.METHOD,
    nonnested.METHOD,
    order_test.METHOD,
    ratio_test.METHOD,
)
