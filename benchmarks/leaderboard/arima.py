"""Regression with AR(1) errors by maximum likelihood, as SARIMAX reports it, many series at once.

    -2 l(r) = n log RSS(r) / n - log(1 - r^2) + constant,   s^2 = RSS / n

Standard errors are those of the package's default: the inverse of the outer product of the scores
of b, r and s^2 over the years. SARIMAX climbs from one start, so that it may end on the lower of
two peaks; how often that leads to another decision stands in `agreement.csv`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.leaderboard.gls import solve_at

FloatArray = NDArray[np.float64]
NODES = np.tanh(np.linspace(-3.2, 3.6, 60))  # of r
NARROWINGS = 3  # parabolas after that on the nodes, each on a tenth of the step before
BLOCK = 1_000


@dataclass(frozen=True, eq=False)
class ArimaFits:
    """Maximum-likelihood fits: contrasts (m, c), their standard errors (m, c), and r (m,)."""

    estimates: FloatArray
    std_errors: FloatArray
    rho: FloatArray


def fit_arima(series: FloatArray, regressors: FloatArray, rows: FloatArray) -> ArimaFits:
    """Fit every row of `series`, consecutive years, shape (m, n), on X, shape (n, k).

    Args:
        series: Shape (m, n).
        regressors: X.
        rows: Contrasts of its coefficients, shape (c, k).
    """
    parts = [
        _one_block(series[at : at + BLOCK], regressors, rows) for at in range(0, len(series), BLOCK)
    ]
    return ArimaFits(
        np.concatenate([part.estimates for part in parts]),
        np.concatenate([part.std_errors for part in parts]),
        np.concatenate([part.rho for part in parts]),
    )


def _one_block(series: FloatArray, regressors: FloatArray, rows: FloatArray) -> ArimaFits:
    artanh = np.arctanh(NODES)
    on_nodes = np.stack([_deviance_at_node(series, regressors, node) for node in NODES])
    lowest = np.clip(on_nodes.argmin(axis=0), 1, len(NODES) - 2)
    centre, step = artanh[lowest], float(artanh[1] - artanh[0])
    each = np.arange(len(series))
    values = [on_nodes[lowest + shift, each] for shift in (-1, 0, 1)]
    for _ in range(NARROWINGS):
        centre = _vertex(centre, step, values, artanh)
        step /= 10
        values = [
            _deviance(series, regressors, np.tanh(centre + shift * step)) for shift in (-1, 0, 1)
        ]
    rho = np.tanh(_vertex(centre, step, values, artanh))
    beta = solve_at(series, regressors, rho).beta
    errors = series - beta @ regressors.T
    return ArimaFits(beta @ rows.T, _score_errors(errors, regressors, rows, rho), rho)


def _vertex(
    centre: FloatArray, step: float, values: list[FloatArray], artanh: FloatArray
) -> FloatArray:
    left, middle, right = values
    curvature = left - 2 * middle + right
    bent = np.where(curvature > 0, curvature, 1.0)
    move = np.where(curvature > 0, 0.5 * (left - right) / bent, np.sign(left - right))
    inside: FloatArray = np.clip(centre + step * np.clip(move, -1, 1), artanh[0], artanh[-1])
    return inside


def _deviance_at_node(series: FloatArray, regressors: FloatArray, rho: float) -> FloatArray:
    """-2 l at one r for all series."""
    q, _ = np.linalg.qr(_whiten(regressors.T, rho).T)
    white = _whiten(series, rho)
    rss = (white * white).sum(axis=1) - ((white @ q) ** 2).sum(axis=1)
    deviance: FloatArray = series.shape[1] * np.log(rss) - np.log(1 - rho**2)
    return deviance


def _whiten(rows: FloatArray, rho: float) -> FloatArray:
    first = np.sqrt(1 - rho**2) * rows[:, :1]
    return np.concatenate([first, rows[:, 1:] - rho * rows[:, :-1]], axis=1)


def _deviance(series: FloatArray, regressors: FloatArray, rho: FloatArray) -> FloatArray:
    """-2 l of each series at its own r."""
    rss = solve_at(series, regressors, rho).rss
    deviance: FloatArray = series.shape[1] * np.log(rss) - np.log(1 - rho**2)
    return deviance


def _score_errors(
    errors: FloatArray, regressors: FloatArray, rows: FloatArray, rho: FloatArray
) -> FloatArray:
    """Standard errors from the outer product of the scores of (b, r, s^2), shape (m, c)."""
    r, square = rho[:, None], (1 - rho**2)[:, None]
    shock = errors[:, 1:] - r * errors[:, :-1]
    first = errors[:, :1]
    variance = ((shock**2).sum(axis=1) + square[:, 0] * first[:, 0] ** 2)[:, None] / errors.shape[1]
    x_first = square[:, :, None] * first[:, :, None] * regressors[:1][None]
    x_later = shock[:, :, None] * (regressors[1:][None] - r[:, :, None] * regressors[:-1][None])
    of_beta = np.concatenate([x_first, x_later], axis=1) / variance[:, :, None]
    of_rho = np.concatenate(
        [r * first**2 / variance - r / square, shock * errors[:, :-1] / variance], axis=1
    )
    of_variance = (np.concatenate([square * first**2, shock**2], axis=1) / variance - 1) / (
        2 * variance
    )
    scores = np.concatenate([of_beta, of_rho[:, :, None], of_variance[:, :, None]], axis=2)
    information = np.einsum("mta,mtb->mab", scores, scores)
    wide = np.concatenate([rows, np.zeros((len(rows), 2))], axis=1)
    solved = np.linalg.solve(information, np.broadcast_to(wide.T, (len(errors), *wide.T.shape)))
    spread: FloatArray = np.einsum("ca,mac->mc", wide, solved)
    return np.sqrt(np.maximum(spread, 0.0))
