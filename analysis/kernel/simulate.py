"""Simulate yearly AR(1) errors whose innovation sd changes once, at an onset."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def ar1_errors(
    normals: FloatArray, years: NDArray[np.int64], rho: float, kappa: float, onset: int | None
) -> FloatArray:
    """Turn standard normals into errors on the observed years, shape (m, n).

    Args:
        normals: One column a calendar year from the first to the last observed, shape (m, span).
        years: Observed years in order, shape (n,).
        rho: Autocorrelation, below one in absolute value.
        kappa: Innovation sd from `onset` on; before it the sd is one.
        onset: First year after the change, or None for a constant sd.
    """
    return np.ascontiguousarray(ar1_columns(normals, years, rho, kappa, onset).T)


def ar1_columns(
    normals: FloatArray, years: NDArray[np.int64], rho: float, kappa: float, onset: int | None
) -> FloatArray:
    """As `ar1_errors`, each series a column, shape (n, m): the form in which they are made."""
    span = np.arange(years[0], years[-1] + 1)
    sd = np.where(span >= onset, kappa, 1.0) if onset is not None else np.ones(len(span))
    errors = np.array(normals.T, order="C")  # a copy, also of a single series
    errors *= sd[:, None]
    errors[0] /= np.sqrt(1 - rho * rho)
    for year in range(1, len(span)):
        errors[year] += rho * errors[year - 1]
    return errors if len(years) == len(span) else errors[years - years[0]]
