"""How an indirect effect changes if the errors of mediator and outcome are correlated.

With e and y the mediator and the outcome freed of everything but each other, s_e and s_y their sds,
r their correlation and rho the correlation of the errors of the two paths (Imai, Keele & Yamamoto
2010, Statist. Sci. 25, 51-71, doi:10.1214/10-STS321, theorem 4)::

    b(rho) = s_y / s_e (r - rho root((1 - r^2) / (1 - rho^2)))
           = b(0) - rho / root(1 - rho^2) s_u / s_e

s_u being the sd of the outcome given the mediator. b(rho) is zero at rho = r.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.errors import DesignError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PathSds:
    """What the curve needs of the two paths.

    Attributes:
        mediator: s_e, sd of the mediator freed of all that explains it.
        outcome: s_y, sd of the outcome freed of all but the mediator.
        correlation: r, of the two.
    """

    mediator: float
    outcome: float
    correlation: float

    @property
    def given_mediator(self) -> float:
        """s_u, sd of the outcome given the mediator."""
        return float(self.outcome * np.sqrt(1 - self.correlation**2))

    def second_path(self, rho: FloatArray) -> FloatArray:
        """b(rho), same shape as rho.

        >>> PathSds(1.0, 2.0, 0.6).second_path(np.array([0.0, 0.6])).round(6).tolist()
        [1.2, 0.0]
        """
        return self.outcome / self.mediator * self.correlation - self.shift(rho)

    def shift(self, rho: FloatArray) -> FloatArray:
        """What a correlation rho of the errors adds to the estimated b, same shape as rho.

        Raises:
            DesignError: A correlation is not between -1 and 1.
        """
        if (np.abs(rho) >= 1).any():
            raise DesignError("Correlations of errors lie between -1 and 1.")
        shift: FloatArray = rho / np.sqrt(1 - rho**2) * self.given_mediator / self.mediator
        return shift


def path_sds(mediator: FloatArray, outcome: FloatArray, others: FloatArray) -> PathSds:
    """Sds and correlation of mediator and outcome, both freed of the columns of `others`.

    Args:
        mediator: Shape (n,), whitened if the errors are autocorrelated.
        outcome: The same.
        others: All other regressors, shape (n, k).
    """
    q, _ = np.linalg.qr(others)
    both = np.column_stack([mediator, outcome])
    e, y = (both - q @ (q.T @ both)).T
    n = len(e)
    return PathSds(
        mediator=float(np.sqrt(e @ e / n)),
        outcome=float(np.sqrt(y @ y / n)),
        correlation=float(e @ y / np.sqrt((e @ e) * (y @ y))),
    )
