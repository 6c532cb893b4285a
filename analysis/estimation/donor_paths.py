"""What the comparison units' own paths around a juncture look like, had they been treated."""

import numpy as np
from numpy.typing import NDArray

from analysis.design.event_study import EventStudyDesign, Path
from analysis.errors import DesignError

FloatArray = NDArray[np.float64]
FEWEST = 3


def contrast_rows(path: Path) -> FloatArray:
    """Each event time and, last, the average post effect as combinations of the coefficients."""
    return np.vstack([path.aggregation, path.average_post @ path.aggregation])


def donor_paths(design: EventStudyDesign, path: Path, outcomes: FloatArray) -> FloatArray:
    """Each donor's own path as if it were treated, relative to its year of reference.

    Args:
        design: With one cohort and one onset a unit.
        path: Which.
        outcomes: Many outcomes on the rows of the design, shape (n, B).

    Returns:
        Shape (donors, m + 1, B); donors without a value in a year that is needed are left out.

    Raises:
        DesignError: Treated units have several onsets, or too few donors are complete.
    """
    treated_rows = np.isin(design.units, design.treated)[design.unit_codes]
    pattern = _pattern(design, path, treated_rows)
    table = np.full((len(design.units), len(design.years)), -1)
    table[design.unit_codes, design.year_codes] = np.arange(len(design.outcome))
    needed = (pattern != 0).any(axis=0)
    complete = [
        place
        for place, unit in enumerate(design.units)
        if unit not in design.treated and (table[place, needed] >= 0).all()
    ]
    donors = np.array(complete, dtype=np.intp)
    if len(donors) < FEWEST:
        raise DesignError(
            f"{len(donors)} comparison units of {design.name} have values in every year that the "
            f"treated unit has; errors between donors need {FEWEST} or more."
        )
    cells = outcomes[table[np.ix_(donors, np.flatnonzero(needed))]]
    paths: FloatArray = np.einsum("mt,jtb->jmb", pattern[:, needed], cells)
    return paths


def _pattern(design: EventStudyDesign, path: Path, treated_rows: NDArray[np.bool_]) -> FloatArray:
    """Weights on the treated units' years that give each event time less the reference."""
    if design.n_cohorts > 1 or len(design.paths) > 1:
        raise DesignError(
            f"The treated units of {design.name} have several onsets in one regression; errors "
            "between donors need one. Use clustered ones."
        )
    dummies = path.aggregation @ design.regressors.T > 0
    if (dummies.sum(axis=0) > 1).any():
        raise DesignError(
            f"Junctures share the path of {design.name}; errors between donors need a path of one "
            "juncture. Use clustered ones."
        )
    by_year = np.zeros((len(dummies), len(design.years)))
    for row, member in enumerate(dummies):
        by_year[row] = np.bincount(design.year_codes[member], minlength=len(design.years)) > 0
    treated_years = np.bincount(design.year_codes[treated_rows], minlength=len(design.years)) > 0
    reference = treated_years & ~by_year.any(axis=0)
    pattern = by_year / by_year.sum(axis=1, keepdims=True) - reference / reference.sum()
    return np.vstack([pattern, path.average_post @ pattern])
