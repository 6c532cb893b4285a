"""How far series measure one thing: alpha and omega of a matrix, years in rows, series in columns.

Cronbach's alpha of the standardised series, and McDonald's omega of one common factor, both of
their correlations over years, where a common trend counts as common content.

Reference: McDonald (1999), Test Theory.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Matrix = NDArray[np.float64]

SMALLEST_UNIQUENESS = 0.005  # as in R's factanal: below it a member would be the factor itself


def estimate_alpha(members: Matrix) -> float:
    """Cronbach's alpha of the standardised members."""
    n_members = members.shape[1]
    correlations = np.corrcoef(members, rowvar=False)
    mean = (correlations.sum() - n_members) / (n_members * (n_members - 1))
    return float(n_members * mean / (1 + (n_members - 1) * mean))


def estimate_omega(members: Matrix) -> float:
    """McDonald's omega: the part of the sum of members that one common factor explains."""
    loadings = fit_one_factor(members)
    common = float(loadings.sum() ** 2)
    return common / (common + float((1 - loadings**2).sum()))


def fit_one_factor(members: Matrix) -> Matrix:
    """Loadings of one common factor by maximum likelihood, positive in sum.

    For uniquenesses ψ the likelihood is maximal at the first eigenvector of ψ^-½ R ψ^-½; what is
    left to minimise is the sum over the other eigenvalues e of e - ln e - 1 (Lawley and Maxwell).
    """
    correlations: Matrix = np.asarray(np.corrcoef(members, rowvar=False))
    start = (1 - 0.5 / members.shape[1]) / np.diag(np.linalg.inv(correlations))
    fitted = minimize(
        _lose,
        np.clip(start, SMALLEST_UNIQUENESS, 1.0),
        args=(correlations,),
        method="L-BFGS-B",
        bounds=[(SMALLEST_UNIQUENESS, 1.0)] * len(start),
        options={"ftol": 1e-14, "gtol": 1e-9},
    )
    uniquenesses: Matrix = np.asarray(fitted.x, dtype=np.float64)
    values, vectors = _decompose(uniquenesses, correlations)
    loadings: Matrix = np.sqrt(uniquenesses) * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0))
    return loadings if loadings.sum() >= 0 else -loadings


def _decompose(uniquenesses: Matrix, correlations: Matrix) -> tuple[Matrix, Matrix]:
    scale = 1 / np.sqrt(uniquenesses)
    values, vectors = np.linalg.eigh(scale[:, None] * correlations * scale)
    return values, vectors


def _lose(uniquenesses: Matrix, correlations: Matrix) -> float:
    values, _ = _decompose(uniquenesses, correlations)
    others = np.maximum(values[:-1], 1e-12)
    return float((others - np.log(others) - 1).sum())
