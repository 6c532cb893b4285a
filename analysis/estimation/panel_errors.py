"""Errors of panel regressions, by the words a user asks for them in."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.design.dyad_panel import DyadPanel
from analysis.errors import DesignError
from analysis.kernel.dyadic import number_members
from analysis.kernel.panel_covariance import (
    Covariance,
    WithinFit,
    clustered,
    driscoll_kraay,
    dyadic,
)
from analysis.kernel.two_way import number_levels

Errors = Literal["dyadic", "clustered", "driscoll-kraay"]
ERRORS = ("dyadic", "clustered", "driscoll-kraay")


def panel_covariance(
    fit: WithinFit, design: DyadPanel, rows: NDArray[np.intp], errors: Errors
) -> Covariance:
    """Covariance of the estimates under one of `ERRORS`.

    Raises:
        DesignError: Dyadic errors are asked of units that are no dyads.
    """
    if errors == "clustered":
        return clustered(fit, number_levels(design.unit[rows])[0])
    if errors == "driscoll-kraay":
        years = number_levels(design.year[rows])[0]
        n_years = int(years.max()) + 1
        return driscoll_kraay(fit, years, int(np.floor(4 * (n_years / 100) ** (2 / 9))))
    members = design.row_members[rows]
    if (members[:, 0] == members[:, 1]).any():
        place = int(np.flatnonzero(members[:, 0] == members[:, 1])[0])
        raise DesignError(
            f"{design.units[design.unit[rows][place]]} is no dyad; dyadic errors need units such "
            'as "CHN-RUS". Use clustered errors.'
        )
    return dyadic(fit, number_members(members[:, 0], members[:, 1]))


def describe_covariance(covariance: Covariance, n_units: int) -> str:
    """Kind of standard errors with their degrees-of-freedom convention, worded for a table note."""
    kind = {
        "dyadic": f"dyadic-cluster-robust over {covariance.n_clusters} states",
        "clustered": f"clustered by {n_units} units",
        "driscoll-kraay": f"Driscoll-Kraay over {covariance.n_clusters} years",
    }[covariance.kind]
    return (
        f"{kind}, times G/(G - 1) (n - 1)/(n - K) as in fixest, t with {covariance.df} "
        "degrees of freedom"
    )


def smaller_than_by_dyad(
    design: DyadPanel, fit: WithinFit, rows: NDArray[np.intp], covariance: Covariance
) -> list[str]:
    """Name terms whose dyadic errors lie below those clustered by dyad.

    Shocks that members share add to a variance far more often than they take from it.
    """
    members = design.row_members[rows]
    pairs = number_levels(np.sort(members, axis=1) @ np.array([len(design.states), 1]))[0]
    by_dyad = clustered(fit, pairs).std_errors
    return [
        f"Dyadic errors of {name} lie below those clustered by dyad ({own:.2g} against "
        f"{other:.2g}), most often for want of states."
        for name, own, other in zip(design.names, covariance.std_errors, by_dyad, strict=True)
        if own < other
    ]
