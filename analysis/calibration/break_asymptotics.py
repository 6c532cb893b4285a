"""Large-sample laws of the largest, average and exponential F over unknown dates, and of dates.

With B a k-dimensional Brownian bridge, F(s) = |B(s)|^2 / (s (1 - s)) is, in the time log(s / (1 -
s)), the squared length of a stationary Ornstein-Uhlenbeck process. The largest F stays below x
with the probability that this process is not absorbed at sqrt(x)::

    P(sup F < x) = sum_j c_j^2 exp(-mu_j L),   L = log of ((1 - a) b / (a (1 - b))) for s in [a, b]

with mu_j the eigenvalues of the killed process. The tables of Andrews (1993) and the approximate
p-values of Hansen (1997) come from bridges simulated on 1,000 steps, which miss peaks between the
steps; looking at a diffusion so often moves the boundary by 0.5826 root(time between looks)
(Broadie, Glasserman & Kou 1997). With 1,000 steps the quantiles here agree with Hansen's.

All of this assumes independent errors and many years. What it is worth on few years with
autocorrelation is measured in `analysis.calibration.stability`.

References: Andrews (1993), Econometrica 61, 821-856, doi:10.2307/2951764; Andrews & Ploberger
(1994), Econometrica 62, 1383-1414, doi:10.2307/2951753; Hansen (1997), J. Bus. Econ. Stat. 15,
60-67, doi:10.1080/07350015.1997.10524687; Bai (1997), Rev. Econ. Stat. 79, 551-563,
doi:10.1162/003465397557132; Broadie, Glasserman & Kou (1997), Mathematical Finance 7, 325-349,
doi:10.1111/1467-9965.00035.
"""

from functools import lru_cache

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray
from scipy import optimize, special, stats

from analysis.errors import DesignError
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
TABLE_STEPS = 1_000  # of the simulations behind the published tables
MONITORING = 0.5826  # -zeta(1/2) / sqrt(2 pi)
BASIS, NODES = 16, 60  # polynomials and quadrature nodes: ten digits
PATHS, PATH_STEPS = 20_000, 400  # of the average and the exponential F
SIMULATED_FOR = ("ave", "exp")


def sup_f_p(statistic: float, n_terms: int, trim: float, *, steps: int = TABLE_STEPS) -> float:
    """P(sup F >= statistic) with k coefficients changing and a share `trim` kept at either end.

    >>> round(sup_f_p(11.72, 2, 0.15), 3)
    0.047
    """
    _check_trim(trim)
    if statistic <= 0:
        return 1.0
    length = 2 * np.log((1 - trim) / trim)
    radius = np.sqrt(statistic) + _boundary_shift(length, steps)
    rates, weights = _killed(float(radius), n_terms)
    return float(np.clip(1 - weights @ np.exp(-rates * length), 0.0, 1.0))


def sup_f_critical(share: float, n_terms: int, trim: float, *, steps: int = TABLE_STEPS) -> float:
    """The sup F that a share of stable regressions reaches.

    >>> round(sup_f_critical(0.05, 1, 0.15), 2)
    8.62
    """
    found: float = optimize.brentq(
        lambda x: sup_f_p(x, n_terms, trim, steps=steps) - share, 0.01, 30.0 + 10.0 * n_terms
    )
    return found


def mean_f_p(statistic: float, kind: str, n_terms: int, trim: float) -> float:
    """P of the average F ("ave") or of log mean exp(F / 2) ("exp") being at least `statistic`."""
    if kind not in SIMULATED_FOR:
        raise DesignError(f"{kind} is no mean of F; there are {', '.join(SIMULATED_FOR)}.")
    _check_trim(trim)
    law = _mean_laws(n_terms, round(trim, 4))[SIMULATED_FOR.index(kind)]
    return float((1 + (law >= statistic).sum()) / (1 + len(law)))


def mean_f_critical(share: float, kind: str, n_terms: int, trim: float) -> float:
    """The average or exponential F that a share of stable regressions reaches."""
    _check_trim(trim)
    law = _mean_laws(n_terms, round(trim, 4))[SIMULATED_FOR.index(kind)]
    return float(np.quantile(law, 1 - share))


def equal_trim(first: int, last: int, n: int) -> float:
    """The trim at both ends that a search after observations `first` to `last` amounts to.

    >>> equal_trim(15, 85, 100)
    0.15
    """
    ratio = (n - first) * last / (first * (n - last))
    return float(round(1 / (1 + np.sqrt(ratio)), 12))


def date_law(x: float, xi: float, phi: float) -> float:
    """P(V <= x) for the place V of the maximum of two joined Brownian motions with drift.

    W_1(|v|) - |v| / 2 for v <= 0 and phi W_2(v) - xi v / 2 for v > 0: the limit law of an
    estimated date (Bai 1997, proposition 3 and appendix B).

    Args:
        x: Where the law is read.
        xi: Drift after the break over that before.
        phi: Variance after over that before, per unit of v and drift.
    """
    if x < 0:
        ratio = xi / phi
        size, root = -x, np.sqrt(-x)
        both = ratio + 0.5
        lead = (phi / xi) * (phi + 2 * xi) / (phi + xi)
        inner = (phi + 2 * xi) ** 2 / ((phi + xi) * xi) - 2 + size / 2
        return float(
            -root * np.exp(-size / 8) / np.sqrt(2 * np.pi)
            - lead * _exp_normal(ratio * (1 + ratio) * size / 2, -both * root)
            + inner * special.ndtr(-root / 2)
        )
    ratio = xi * xi / phi
    root = np.sqrt(x)
    lead = (xi / phi) * (xi + 2 * phi) / (phi + xi)
    inner = (xi + 2 * phi) ** 2 / ((phi + xi) * phi) - 2 + ratio * x / 2
    return float(
        1
        + np.sqrt(ratio / (2 * np.pi)) * root * np.exp(-ratio * x / 8)
        + lead * _exp_normal((phi + xi) * x / 2, -(phi + xi / 2) / np.sqrt(phi) * root)
        - inner * special.ndtr(-np.sqrt(ratio) * root / 2)
    )


def date_quantile(share: float, xi: float, phi: float) -> float:
    """The x with P(V <= x) = share."""
    low, high = -1.0, 1.0
    while date_law(low, xi, phi) > share:
        low *= 2
    while date_law(high, xi, phi) < share:
        high *= 2
    found: float = optimize.brentq(lambda x: date_law(x, xi, phi) - share, low, high)
    return found


def _exp_normal(exponent: float, at: float) -> float:
    """exp(exponent) times the normal distribution function at `at`, without overflow."""
    return float(np.exp(exponent + special.log_ndtr(at)))


def _check_trim(trim: float) -> None:
    if not 0 < trim < 0.5:
        raise DesignError(f"A trim of {trim:g} leaves no dates; it must lie above 0 and below 0.5.")


def _boundary_shift(length: float, steps: int) -> float:
    """Average of 0.5826 root(time between looks), on evenly spaced looks in s."""
    times, weights = legendre.leggauss(NODES)
    u = times * length / 2
    between = (1 + np.exp(u)) * (1 + np.exp(-u)) / steps  # du for ds = 1 / steps
    return float(MONITORING * (weights @ np.sqrt(between)) / 2)


@lru_cache(maxsize=4096)
def _killed(radius: float, n_terms: int) -> tuple[FloatArray, FloatArray]:
    """Decay rates and weights of the process that starts stationary and is absorbed at radius."""
    nodes, weights = legendre.leggauss(NODES)
    s = (nodes + 1) / 2
    root = np.sqrt(weights * radius / 2 * stats.chi.pdf(radius * s, n_terms))[:, None]
    polynomials = legendre.legvander(2 * s * s - 1, BASIS - 1)
    slopes = np.stack(
        [legendre.legval(2 * s * s - 1, legendre.legder(row)) for row in np.eye(BASIS)], axis=1
    )
    functions = (1 - s * s)[:, None] * polynomials
    derived = (1 - s * s)[:, None] * slopes * (4 * s / radius)[:, None]
    derived -= (2 * s / radius)[:, None] * polynomials
    q, r = np.linalg.qr(root * functions)
    moved = np.linalg.solve(r.T, (root * derived).T)
    rates, modes = np.linalg.eigh(0.5 * moved @ moved.T)
    share = (root[:, 0] @ q) @ modes
    return rates, share * share


@lru_cache(maxsize=32)
def _mean_laws(n_terms: int, trim: float) -> tuple[FloatArray, FloatArray]:
    """Simulated average and exponential F of bridges, each ascending."""
    place = np.arange(1, PATH_STEPS) / PATH_STEPS
    kept = (place >= trim - 1e-9) & (place <= 1 - trim + 1e-9)
    total = np.zeros((PATHS, int(kept.sum())))
    for term in range(n_terms):
        for start in range(0, PATHS, 2_000):
            normals = standard_normals(0, f"bridge:{term}", start, start + 2_000, PATH_STEPS)
            path = np.cumsum(normals, axis=1) / np.sqrt(PATH_STEPS)
            bridge = path[:, :-1] - place * path[:, -1:]
            total[start : start + 2_000] += (bridge**2 / (place * (1 - place)))[:, kept]
    exponential = special.logsumexp(total / 2, axis=1) - np.log(total.shape[1])
    return np.sort(total.mean(axis=1)), np.sort(exponential)
