"""The observations behind a verdict."""

import pandas as pd

from analysis.errors import DesignError
from analysis.panel.panel import Panel
from analysis.records.hypothesis import Hypothesis


def cells_behind(hypothesis: Hypothesis, panel: Panel, period: tuple[int, int]) -> pd.DataFrame:
    """Rows of `panel.cells` that the test of a hypothesis reads; none for the design `none`.

    These are the outcome, the comparison units and the controls in the years in which the outcome
    and every control have a value.
    """
    if hypothesis.design == "none":
        return panel.cells.iloc[:0]
    first, last = hypothesis.period or period
    source, unit = source_of(hypothesis), hypothesis.units[0]
    years = set(panel.series(hypothesis.outcome, unit, source=source).index)
    owners = {name: unit_of_control(name, unit, panel) for name in hypothesis.controls}
    for name, owner in owners.items():
        years &= set(panel.series(name, owner).index)
    used = sorted(year for year in years if first <= year <= last)
    units = [unit, *(other for other in hypothesis.comparison if other in panel.units)]
    cells = [panel.cells_for([hypothesis.outcome], units, years=used, source=source)]
    cells += [panel.cells_for([name], [owner], years=used) for name, owner in owners.items()]
    return pd.concat(cells)


def source_of(hypothesis: Hypothesis) -> str | None:
    """The source a look asks for; None for the preferred ones."""
    source = hypothesis.options.get("source")
    return None if source is None else str(source)


def unit_of_control(name: str, unit: str, panel: Panel) -> str:
    """The unit itself where the control is known of it, else the one unit it is known of.

    Raises:
        DesignError: It is known of several other units, or of none.
    """
    if name not in panel.variables:
        raise DesignError(f"There are no data: the control {name} has no value.")
    known = panel.frame[name].dropna().index.unique("unit")
    if unit in known:
        return unit
    if len(known) == 1:
        return str(known[0])
    raise DesignError(f"The control {name} is known neither of {unit} nor of one unit alone.")
