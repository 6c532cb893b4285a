"""The observations behind a verdict."""

import pandas as pd

from analysis.errors import DesignError
from analysis.panel.panel import Panel
from analysis.records.hypothesis import Hypothesis

FURTHER = ("denominator", "moderator", "mediator", "rival_exposure")
WIDE = ("panel", "event_study")  # designs that read many units


def cells_behind(hypothesis: Hypothesis, panel: Panel, period: tuple[int, int]) -> pd.DataFrame:
    """Rows of `panel.cells` that the test of a hypothesis reads; none where it estimates nothing.

    These are the outcome, the comparison units and everything the outcome is held against, in the
    years in which the outcome and all of that have a value; for designs over many units every
    value of the outcome and of what it is held against in the period.
    """
    if not hypothesis.outcome or hypothesis.outcome not in panel.variables:
        return panel.cells.iloc[:0]
    first, last = hypothesis.period or period
    source, units = source_of(hypothesis), (*hypothesis.units, *hypothesis.comparison)
    others = variables_beside(hypothesis)
    if hypothesis.design in WIDE:
        known = panel.cells.index.get_level_values("unit")
        every = sorted(set(known)) if hypothesis.design == "panel" else [*units]
        years = list(range(first, last + 1))
        return panel.cells_for([hypothesis.outcome, *others], every, years=years)
    unit = hypothesis.units[0]
    shared = set(panel.series(hypothesis.outcome, unit, source=source).index)
    owners = {name: owner_of(name, hypothesis, panel) for name in others}
    for name, owner in owners.items():
        shared &= set(panel.series(name, owner).index)
    used = sorted(year for year in shared if first <= year <= last)
    inside = [each for each in units if each in panel.units]
    cells = [panel.cells_for([hypothesis.outcome], inside, years=used, source=source)]
    cells += [panel.cells_for([name], [owner], years=used) for name, owner in owners.items()]
    return pd.concat(cells)


def variables_beside(hypothesis: Hypothesis) -> tuple[str, ...]:
    """What the outcome is held against: exposure, controls and the like, each once."""
    further = [str(hypothesis.options[name]) for name in FURTHER if hypothesis.options.get(name)]
    named = [hypothesis.exposure, *hypothesis.controls, *further]
    return tuple(dict.fromkeys(name for name in named if name))


def distinct_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """The same rows, each once."""
    places = cells.reset_index()[["unit", "year", "variable", "source"]]
    return cells[~places.duplicated().to_numpy()]


def source_of(hypothesis: Hypothesis) -> str | None:
    """The source a look asks for; None for the preferred ones."""
    source = hypothesis.options.get("source")
    return None if source is None else str(source)


def owner_of(variable: str, hypothesis: Hypothesis, panel: Panel) -> str:
    """The unit whose values of a further variable a claim reads; see `unit_of_control`."""
    declared = hypothesis.unit_of.get(variable)
    return declared or unit_of_control(variable, hypothesis.units[0], panel)


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
