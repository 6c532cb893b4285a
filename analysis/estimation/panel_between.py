"""Compare units with each other: between and random-effects estimates, and Hausman's test.

Random effects take the units' own levels as unrelated to the regressors. Hausman (1978,
Econometrica 46, 1251-1271, doi:10.2307/1913827) holds them against fixed effects, which do not;
Mundlak (1978, Econometrica 46, 69-85, doi:10.2307/1913646) asks the same by adding the units'
means to the regressors, with errors that may be clustered. Where either rejects, fixed effects
are to be read.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from linearmodels.panel import BetweenOLS, PanelOLS, RandomEffects
from numpy.typing import NDArray
from scipy import stats

from analysis.design.dyad_panel import DyadPanel
from analysis.errors import DesignError
from analysis.estimation.regression_result import RegressionResult

FloatArray = NDArray[np.float64]
NEGATIVE = "Hausman's statistic is negative and has no p; read Mundlak's."
VARIES = 1e-10  # share of a variance left within units above which a regressor varies in them


def fit_between(design: DyadPanel, *, level: float = 0.95) -> RegressionResult:
    """Least squares over the means of the units."""
    frame = _frame(design)
    fitted = BetweenOLS(frame["y"], _with_constant(frame.drop(columns="y"))).fit(
        cov_type="robust", debiased=True
    )
    n_units = len(design.units)
    df = n_units - len(design.names) - 1
    return _result(
        design,
        fitted,
        model="between units",
        effects=(),
        covariance=(
            f"robust to unequal variances, times n/(n - k), t with {df} degrees of freedom"
        ),
        df=float(df),
        n_obs=n_units,
        level=level,
        facts={},
    )


def fit_random(
    design: DyadPanel, *, effects: tuple[str, ...] = ("unit", "year"), level: float = 0.95
) -> RegressionResult:
    """Random unit effects by Swamy and Arora, with Hausman's and Mundlak's tests as facts."""
    frame = _frame(design)
    x = _with_constant(_with_years(frame.drop(columns="y"), "year" in effects))
    fitted = RandomEffects(frame["y"], x).fit(
        cov_type="clustered", cluster_entity=True, group_debias=True, debiased=True
    )
    n_units = len(design.units)
    return _result(
        design,
        fitted,
        model="random unit effects",
        effects=tuple(name for name in effects if name == "year"),
        covariance=(
            f"clustered by {n_units} units, times G/(G - 1) (n - 1)/(n - k), t with {n_units - 1} "
            "degrees of freedom"
        ),
        df=float(n_units - 1),
        n_obs=len(design.y),
        level=level,
        facts=hausman_facts(design, effects=effects),
    )


def hausman_facts(
    design: DyadPanel, *, effects: tuple[str, ...] = ("unit", "year")
) -> dict[str, float]:
    """Hausman's chi squared with its p, and Mundlak's F with errors clustered by unit.

    Hausman's statistic may come out negative, which says that the errors are not as random effects
    take them to be; its p is nan then.

    Raises:
        DesignError: No regressor varies within units.
    """
    varies = _varying(design)
    if not varies:
        raise DesignError(
            "No regressor varies within units, so there is no fixed-effects estimate."
        )
    frame = _frame(design)
    x = frame.drop(columns="y")
    with_years = _with_years(x, "year" in effects)
    random = RandomEffects(frame["y"], _with_constant(with_years)).fit(debiased=True)
    years = [name for name in with_years if name not in x]
    fixed = PanelOLS(frame["y"], with_years[[*varies, *years]], entity_effects=True).fit(
        debiased=True
    )
    gap = (fixed.params - random.params)[varies].to_numpy()
    spread = (fixed.cov - random.cov).loc[varies, varies].to_numpy()
    statistic = float(gap @ np.linalg.pinv(spread, hermitian=True) @ gap)
    mundlak, p = _mundlak(frame["y"], with_years, varies, len(design.units))
    return {
        "Hausman chi2": statistic,
        "Hausman df": float(len(varies)),
        "Hausman p": float(stats.chi2.sf(statistic, len(varies))) if statistic >= 0 else np.nan,
        "Mundlak F": mundlak,
        "Mundlak p": p,
    }


def _mundlak(y: pd.Series, x: pd.DataFrame, varies: list[str], n_units: int) -> tuple[float, float]:
    """F of the units' means in a random-effects regression."""
    means = x[varies].groupby(level="unit").transform("mean").add_suffix(", mean of the unit")
    extended = _with_constant(pd.concat([x, means], axis=1))
    fitted = RandomEffects(y, extended).fit(
        cov_type="clustered", cluster_entity=True, group_debias=True, debiased=True
    )
    names = list(means.columns)
    gap = fitted.params[names].to_numpy()
    f = float(gap @ np.linalg.solve(fitted.cov.loc[names, names].to_numpy(), gap)) / len(names)
    return f, float(stats.f.sf(f, len(names), n_units - 1))


def _varying(design: DyadPanel) -> list[str]:
    frame = _frame(design).drop(columns="y")
    within = frame - frame.groupby(level="unit").transform("mean")
    return [str(name) for name in frame if within[name].var() > VARIES * frame[name].var()]


def _frame(design: DyadPanel) -> pd.DataFrame:
    """Outcome as "y" and regressors under their names, index (unit, year)."""
    index = pd.MultiIndex.from_arrays(
        [np.array(design.units)[design.unit], design.year], names=["unit", "year"]
    )
    return pd.DataFrame(
        np.column_stack([design.y, design.x]), index=index, columns=["y", *design.names]
    )


def _with_constant(x: pd.DataFrame) -> pd.DataFrame:
    return x.assign(constant=1.0)


def _with_years(x: pd.DataFrame, wanted: bool) -> pd.DataFrame:
    """Dummies of the years but the first."""
    if not wanted:
        return x
    years = x.index.get_level_values("year")
    dummies = {f"year {year}": (years == year).astype(float) for year in sorted(set(years))[1:]}
    return pd.concat([x, pd.DataFrame(dummies, index=x.index)], axis=1)


def _result(
    design: DyadPanel,
    fitted: object,
    *,
    model: str,
    effects: tuple[str, ...],
    covariance: str,
    df: float,
    n_obs: int,
    level: float,
    facts: dict[str, float],
) -> RegressionResult:
    names = [*design.names, "constant"]
    estimates: pd.Series = fitted.params  # type: ignore[attr-defined]
    matrix: pd.DataFrame = fitted.cov  # type: ignore[attr-defined]
    r2s = {"R2": float(fitted.rsquared), "between R2": float(fitted.rsquared_between)}  # type: ignore[attr-defined]
    return RegressionResult(
        model=model,
        outcome=design.outcome,
        measured_in=design.measured_in,
        names=tuple(names),
        estimates=estimates[names].to_numpy(),
        covariance_matrix=matrix.loc[names, names].to_numpy(),
        df=df,
        level=level,
        n_obs=n_obs,
        n_units=len(design.units),
        years=design.years,
        effects=effects,
        covariance=covariance,
        r2s=r2s,
        facts=facts,
        notes=(NEGATIVE,) if facts.get("Hausman chi2", 0.0) < 0 else (),
    )
