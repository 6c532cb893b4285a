"""Composite indices: series turned one way, put on one scale, and added with stated weights.

With y_mt the value of member m, g_m its transform, d_m its direction, and mean and sd those of
the base years B in which every member is observed,

    z_mt = d_m (g_m(y_mt) - mean_B g_m(y_m)) / sd_B g_m(y_m)
    I_t  = sum over m of w_m z_mt, divided by its own sd over B

With equal weights w_m = 1 / (K n_k) for each of the n_k members of each of the K components (OECD
and JRC 2008, Handbook on Constructing Composite Indicators, doi:10.1787/9789264043466-en).

A year has an index only if every member is observed in it. No value is filled in, and the set of
members is the same in every year, so that none can enter or leave and make a step.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import DesignError
from analysis.panel.panel import Panel
from analysis.panel.transform import transform_series
from analysis.records.composites import Member
from analysis.records.words import join_words

Array = NDArray[np.float64]
MIN_BASE_YEARS = 3  # an sd from two values says nothing
CANCELLED = 1e-6  # an sd this small, in sd of the members, is rounding error


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The members of an index, comparable with each other.

    Attributes:
        values: One row per year in which all are observed, one column per member: z, turned so
            that more is more of the construct.
        components: The component of each member, by column of `values`.
        base: First and last year of those that set mean and sd.
        n_base_years: How many these are.
    """

    values: pd.DataFrame
    components: Mapping[str, str]
    base: tuple[int, int]
    n_base_years: int


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """An index by year, in its own sd over the base years.

    Attributes:
        weights: What each score is multiplied with; the values are the sums.
        explained: Share of the variance of the members that the index accounts for.
    """

    values: pd.Series
    weights: pd.Series
    explained: float


@dataclass(frozen=True, slots=True, eq=False)
class Weightings:
    """The same index under many weights.

    Attributes:
        values: One row per year, one column per draw.
        shares: One row per draw, one column per member; each row sums to one.
    """

    values: pd.DataFrame
    shares: pd.DataFrame


def score_members(
    panel: Panel, members: Sequence[Member], base: tuple[int, int] | None = None
) -> Scores:
    """Put the members of one index on one scale.

    Args:
        panel: Where their values are.
        members: Of one composite and subject; all of them, or those of a component.
        base: First and last year of the base period; those years of it count in which all members
            are observed. All such years, if None. Later data do not move an index with a base.

    Raises:
        DesignError: The members have too few years in common, one does not vary in them, or a
            value has no such transform.
    """
    series = {each.series: each.direction * _transformed(panel, each) for each in members}
    values = pd.DataFrame(series).dropna().sort_index()
    first, last = base or (values.index.min(), values.index.max())
    in_base = values[(values.index >= first) & (values.index <= last)]
    if len(in_base) < MIN_BASE_YEARS:
        raise DesignError(_few_years(series, len(in_base), base))
    spread = in_base.std()
    if not (spread > 0).all():
        still = join_words(spread.index[~(spread > 0)])
        raise DesignError(
            f"{still} does not vary in {_span(in_base)}, so it cannot be standardised."
        )
    return Scores(
        values=(values - in_base.mean()) / spread,
        components={each.series: each.component for each in members},
        base=(int(in_base.index.min()), int(in_base.index.max())),
        n_base_years=len(in_base),
    )


def combine_equally(scores: Scores) -> Index:
    """Weigh members equally within components, and components equally.

    Raises:
        DesignError: The members cancel each other.
    """
    of = [scores.components[name] for name in scores.values.columns]
    shares = np.array([1 / (len(set(of)) * of.count(component)) for component in of])
    return _index(scores, _to_unit_sd(shares, _correlations(scores)))


def combine_by_first_component(scores: Scores) -> Index:
    """Weigh members by the first principal component of their correlations.

    Its sign is the one for which the weights add up to more than zero, so that it points where
    the declared directions point. A single member may still have a weight below zero.

    Raises:
        DesignError: The weights add up to zero, so that neither sign is the declared one.
    """
    _, vectors = np.linalg.eigh(_correlations(scores))
    vector = vectors[:, -1]
    if abs(vector.sum()) < CANCELLED:
        names = join_words(scores.values.columns)
        raise DesignError(
            f"The first principal component sets {names} against each other, so it has no "
            "direction; combine them with equal weights, or look whether the directions are right."
        )
    return _index(scores, _to_unit_sd(np.sign(vector.sum()) * vector, _correlations(scores)))


def weigh_at_random(scores: Scores, *, draws: int = 500, seed: int, stream: str) -> Weightings:
    """Draw weights at random: every split is as likely as any other (Dirichlet, all parameters 1).

    Drawn are the shares of the components, and within each the shares of its members. A draw
    depends on `seed`, `stream`, its own number and the names of the components, on nothing else.

    Args:
        stream: Name of the index, so that two indices do not share their weights.
    """
    names, of = scores.values.columns, scores.values.columns.map(scores.components)
    components = sorted(set(of))
    shares = np.empty((draws, len(names)))
    of_components = draw_shares(seed, stream, draws, len(components))
    for component, share in zip(components, of_components.T, strict=True):
        here = of == component
        within = draw_shares(seed, f"{stream}:{component}", draws, int(here.sum()))
        shares[:, here] = share[:, None] * within
    weights = _to_unit_sd(shares, _correlations(scores))
    return Weightings(
        values=pd.DataFrame(scores.values.to_numpy() @ weights.T, index=scores.values.index),
        shares=pd.DataFrame(shares, columns=names),
    )


def draw_shares(seed: int, stream: str, draws: int, parts: int) -> Array:
    """Draw `draws` splits of one into `parts`, uniform over all splits, shape (draws, parts).

    Philox is keyed by seed and stream, and each draw takes as many numbers as it has parts: the
    first hundred draws are the same whether a hundred are asked for or a thousand.

    >>> bool(np.allclose(draw_shares(1, "example", 4, 3).sum(axis=1), 1))
    True
    """
    digest = hashlib.sha256(f"{seed}:{stream}".encode()).digest()
    key = np.frombuffer(digest[:16], dtype="<u8").astype(np.uint64)
    uniform = np.random.Generator(np.random.Philox(key=key)).random((draws, parts))
    exponential = -np.log1p(-uniform)
    return np.asarray(exponential / exponential.sum(axis=1, keepdims=True))


def _transformed(panel: Panel, member: Member) -> pd.Series:
    series = panel.series(member.variable, member.unit)
    return transform_series(series, member.transform, unit=member.unit)


def _few_years(series: Mapping[str, pd.Series], n_years: int, base: tuple[int, int] | None) -> str:
    spans = join_words(f"{name} has {_span(values)}" for name, values in series.items())
    within = f" of {base[0]}-{base[1]}" if base else ""
    return (
        f"The members have {n_years} years{within} in common and need {MIN_BASE_YEARS}: {spans}. "
        "Leave out a member that is too short."
    )


def _span(values: pd.Series | pd.DataFrame) -> str:
    return f"{values.index.min()}-{values.index.max()}" if len(values) else "no years"


def _correlations(scores: Scores) -> Array:
    """Correlations of the members over the base years, their covariances as scores."""
    years = scores.values.index
    in_base = (years >= scores.base[0]) & (years <= scores.base[1])
    return np.atleast_2d(np.cov(scores.values[in_base].to_numpy(), rowvar=False))


def _to_unit_sd(weights: Array, correlations: Array) -> Array:
    """Divide weights by the sd of what they make, so that it has an sd of one."""
    variance = np.einsum("...i,ij,...j->...", weights, correlations, weights)
    if (variance < CANCELLED**2).any():
        raise DesignError("The members cancel each other: with these weights the index is flat.")
    return np.asarray(weights / np.sqrt(variance)[..., None])


def _index(scores: Scores, weights: Array) -> Index:
    names = scores.values.columns
    with_index = _correlations(scores) @ weights  # correlation of each member with the index
    return Index(
        values=pd.Series(scores.values.to_numpy() @ weights, index=scores.values.index),
        weights=pd.Series(weights, index=names),
        explained=float((with_index**2).mean()),
    )
