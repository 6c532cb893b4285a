"""Fit means of different shapes with AR(1) errors by maximum likelihood, many series at once.

Models with different regressors can be compared by their likelihood only if it is not the
restricted one. With w the rows whitened by an AR(1) at r, on observed years only,

    l(r) = -n/2 (log(2 pi RSS(r) / n) + 1) + 1/2 log|V(r)^-1|

is read on a grid of r and at the vertex of the parabola through its highest nodes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.kernel.layout import RHO_HIGHEST, RHO_LOWEST, Layout

FloatArray = NDArray[np.float64]
NODES = np.linspace(np.arctanh(RHO_LOWEST), np.arctanh(RHO_HIGHEST), 73)
BLOCK = 500  # series at a time: 73 whitened copies of them stay below 10 MB


@dataclass(frozen=True, eq=False)
class Peaks:
    """Where the likelihood of each series is highest, each of shape (m,)."""

    rho: FloatArray
    log_likelihood: FloatArray


def ml_peaks(series: FloatArray, layout: Layout) -> Peaks:
    """Maximise the likelihood of each row of `series`, shape (m, n), over rho."""
    rho = np.tanh(NODES)
    q, _ = np.linalg.qr(whiten(layout.regressors, layout, rho))  # (g, n, k)
    blocks = [
        _profile(series[at : at + BLOCK], layout, rho, q) for at in range(0, len(series), BLOCK)
    ]
    return _vertices(np.concatenate(blocks, axis=1))


def gls_mean(values: FloatArray, layout: Layout, rho: float) -> FloatArray:
    """X b of one series at one autocorrelation, shape (n,)."""
    at = np.array([rho])
    x, y = whiten(layout.regressors, layout, at)[0], whiten(values[:, None], layout, at)[0, :, 0]
    beta = np.linalg.lstsq(x, y)[0]
    mean: FloatArray = layout.regressors @ beta
    return mean


def whiten(columns: FloatArray, layout: Layout, rho: FloatArray) -> FloatArray:
    """Rows of `columns`, shape (n, k), freed of an AR(1) at each rho, shape (g, n, k)."""
    square = 1 - rho * rho
    power = rho[:, None] ** layout.gaps[None, :]
    scale = np.sqrt(square[:, None] / (1 - power * power))
    white = np.empty((len(rho), *columns.shape))
    white[:, 0] = np.sqrt(square)[:, None] * columns[0]
    white[:, 1:] = scale[..., None] * (columns[1:] - power[..., None] * columns[:-1])
    return white


def _profile(series: FloatArray, layout: Layout, rho: FloatArray, q: FloatArray) -> FloatArray:
    basis = layout.basis[0]
    residuals = series - (series @ basis) @ basis.T
    white = whiten(residuals.T, layout, rho)  # (g, n, m)
    explained = np.matmul(np.swapaxes(q, 1, 2), white)
    rss = (white * white).sum(axis=1) - (explained * explained).sum(axis=1)
    n = layout.n_obs
    profile: FloatArray = (
        -0.5 * n * (np.log(2 * np.pi * rss / n) + 1) + 0.5 * layout.log_det_precision(rho)[:, None]
    )
    return profile


def _vertices(profile: FloatArray) -> Peaks:
    peak = np.clip(np.argmax(profile, axis=0), 1, len(NODES) - 2)
    series = np.arange(profile.shape[1])
    left, middle, right = (profile[peak + shift, series] for shift in (-1, 0, 1))
    curvature = left - 2 * middle + right
    safe = np.where(curvature < 0, curvature, -1.0)
    slope = 0.5 * (left - right)
    move = np.clip(np.where(curvature < 0, slope / safe, np.sign(right - left)), -1.0, 1.0)
    height = middle - move * slope + 0.5 * move * move * curvature
    step = NODES[1] - NODES[0]
    return Peaks(np.tanh(NODES[peak] + move * step), height)
