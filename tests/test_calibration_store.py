"""Null laws are kept by a key of everything they depend on, and of nothing else."""

import numpy as np
import pandas as pd

from analysis.calibration.store import LawShelf, layout_key
from analysis.design.steps import steps_design
from analysis.kernel.layout import Layout

YEARS = np.arange(2000, 2020)


def test_a_law_is_kept_by_everything_it_depends_on():
    layout = Layout(YEARS, np.column_stack([np.ones(20), YEARS >= 2008]).astype(float), 2008)
    contrasts = np.array([[0.0, 1.0]])
    shelf = LawShelf(seed=1, series=10)
    others = [
        (LawShelf(seed=2, series=10), layout, contrasts),
        (LawShelf(seed=1, series=11), layout, contrasts),
        (shelf, Layout(YEARS + 1, layout.regressors, 2008), contrasts),
        (shelf, Layout(YEARS, layout.regressors, 2009), contrasts),
        (shelf, Layout(YEARS, layout.regressors, None), contrasts),
        (shelf, Layout(YEARS, 2 * layout.regressors, 2008), contrasts),
        (shelf, layout, 2 * contrasts),
    ]

    keys = [each.key(of, rows) for each, of, rows in others]

    assert len({*keys, shelf.key(layout, contrasts)}) == 8
    assert LawShelf(seed=1, series=10, jobs=2).key(layout, contrasts) == shelf.key(
        layout, contrasts
    )


def test_a_layout_is_named_alike_whatever_the_last_digit_of_its_regressors():
    rows = np.column_stack([np.ones(20), YEARS / 10])

    assert layout_key(Layout(YEARS, rows)) == layout_key(Layout(YEARS, rows * (1 + 1e-13)))


def test_a_law_is_simulated_once():
    shelf = LawShelf(seed=1, series=10)
    zigzag = pd.Series(YEARS % 2.0, index=YEARS, name="zigzag")
    design = steps_design(zigzag, {"treaty": 2008})

    first = shelf.law(design.layout, design.contrasts, design.joint)

    assert shelf.law(design.layout, design.contrasts, design.joint) is first
