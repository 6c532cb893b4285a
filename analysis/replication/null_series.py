"""Draw every outcome of a study anew in a world in which nothing happens at the junctures.

Each outcome of each unit is taken to the scale of its first transform, and drawn there as a
straight line with AR(1) errors. Autocorrelation (median-unbiased) and innovation sd are those of
the model with steps at the claimed junctures, so that a step that is there does not pass for
wandering; the line is fitted without steps. Taken back to the unit of the outcome, counts are
rounded and values are held inside the bounds of the codebook. Other sources keep their observed
distance to the preferred one. Composites are series of their own, and series are independent of
each other.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.store import LawShelf
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.layout import Layout
from analysis.kernel.likelihood import gls_mean
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals
from analysis.panel.panel import Panel
from analysis.panel.transform import find_transform
from analysis.records.codebook import Variable
from analysis.records.hypothesis import Hypothesis
from analysis.verdict.ground import Ground

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
MIN_VALUES, MIN_BEFORE, MIN_AFTER = 20, 5, 4
NEAR_ONE = 0.98
INSIDE = 1e-6  # how far a share stays from a bound that its transform does not reach
CLAIMED = "claimed"
NOT_DRAWN = ("firsts", "panel", "sensitivity", "multiverse", "placebo_set", "equivalence")


@dataclass(frozen=True, slots=True)
class World:
    """A world in which no outcome jumps.

    Attributes:
        words: What it is, for a table.
        mean: From calendar years to a mean in marginal sds, added to the fitted line.
        spread: Whether the innovation sd changes at the first juncture as fitted.
        planted: Whether each claim gets a copy of its series in which it is true.
    """

    words: str
    mean: Callable[[FloatArray], FloatArray] = np.zeros_like
    spread: bool = False
    planted: bool = False


def _line(years: FloatArray) -> FloatArray:
    rise: FloatArray = 3 * (years - years[0]) / max(years[-1] - years[0], 1)
    return rise


def _s_curve(years: FloatArray) -> FloatArray:
    rise: FloatArray = 4 / (1 + np.exp(-(years - 2014) / 2))
    return rise


def _kink(years: FloatArray) -> FloatArray:
    turned: FloatArray = 4 * np.maximum(years - 2012, 0) / max(years[-1] - 2012, 1)
    return turned


STUDY_WORLDS: Mapping[str, World] = {
    "line": World("straight lines, constant spread"),
    "spread": World("straight lines, spread of the shocks changing as fitted", spread=True),
    "trend": World("further linear trend of 3 sd", mean=_line),
    "s_curve": World("rise of 4 sd in an S around 2014", mean=_s_curve),
    "kink": World("bend at 2012: 4 sd by the end", mean=_kink),
    "planted": World("every claim that can be planted true, at 3 sd", planted=True),
}


@dataclass(frozen=True, eq=False)
class SeriesModel:
    """One outcome of one unit as it is drawn.

    Attributes:
        years: Observed years, shape (n,).
        line: Straight line on the transformed scale, shape (n,).
        rho: Autocorrelation of the errors.
        kappa: Innovation sd from `onset` on over that before.
        onset: First juncture inside the years; None if there is none.
        sd: Innovation sd where it is constant.
        sd_before: Innovation sd before the onset where it changes.
        transform: To the scale of the line.
        observed: Values as observed, which `standardise` refers to.
        whole: Whether values are whole numbers.
        bounds: Lowest and highest value.
    """

    years: IntArray
    line: FloatArray
    rho: float
    kappa: float
    onset: int | None
    sd: float
    sd_before: float
    transform: str
    observed: FloatArray
    whole: bool
    bounds: tuple[float, float]

    @property
    def marginal_sd(self) -> float:
        return self.sd / float(np.sqrt(1 - min(abs(self.rho), NEAR_ONE) ** 2))

    def draw(self, world: World, *, seed: int, stream: str, studies: slice) -> FloatArray:
        """The outcome in its own unit, one row a study, shape (m, n)."""
        span = int(self.years[-1] - self.years[0]) + 1
        normals = standard_normals(seed, stream, studies.start, studies.stop, span)
        changing = world.spread and self.onset is not None
        errors = ar1_errors(
            normals,
            self.years,
            self.rho,
            self.kappa if changing else 1.0,
            self.onset if changing else None,
        )
        scale = self.sd_before if changing else self.sd
        mean = self.line + self.marginal_sd * world.mean(self.years.astype(float))
        return self.to_outcome(mean + scale * errors)

    def to_outcome(self, drawn: FloatArray) -> FloatArray:
        """Drawn values in the unit of the outcome, whole and inside the bounds as observed."""
        values = find_transform(self.transform).inverse(drawn, self.observed)
        if self.whole:
            values = np.round(values)
        held: FloatArray = np.clip(values, *self.bounds)
        return held


@dataclass(frozen=True, eq=False)
class NullOutcomes:
    """The outcomes of some studies in one world; what is not drawn stays as observed.

    Attributes:
        models: By variable and unit.
        panel: As observed.
        world: What is drawn.
        seed: Of all draws.
        studies: Numbers of the studies.
    """

    models: Mapping[tuple[str, str], SeriesModel]
    panel: Panel
    world: World
    seed: int
    studies: slice
    _drawn: dict[tuple[str, str], FloatArray] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return int(self.studies.stop) - int(self.studies.start)

    def rows(
        self, variable: str, unit: str, source: str | None, chosen: NDArray[np.intp]
    ) -> tuple[IntArray, FloatArray]:
        """Years and values of the chosen studies, in the unit of the outcome, shape (c, n)."""
        seen = self.panel.series(variable, unit, source=source)
        years = seen.index.to_numpy(dtype=np.int64)
        values = np.broadcast_to(seen.to_numpy(dtype=float), (len(chosen), len(years))).copy()
        model = self.models.get((variable, unit))
        if model is None:
            return years, values
        here = np.isin(years, model.years)
        where = np.searchsorted(model.years, years[here])
        drawn = self._raw(variable, unit)[chosen][:, where]
        if source is not None:
            drawn = self._moved(model, drawn, values[:, here], where)
        values[:, here] = drawn
        return years, values

    def _raw(self, variable: str, unit: str) -> FloatArray:
        if (variable, unit) not in self._drawn:
            self._drawn[variable, unit] = self.models[variable, unit].draw(
                self.world,
                seed=self.seed,
                stream=f"null-study:{variable}:{unit}",
                studies=self.studies,
            )
        return self._drawn[variable, unit]

    def _moved(
        self, model: SeriesModel, drawn: FloatArray, other: FloatArray, where: NDArray[np.intp]
    ) -> FloatArray:
        """Values as another source has them: as far from the preferred one as observed."""
        transform = find_transform(model.transform)
        apart = transform.forward(other, model.observed) - transform.forward(
            model.observed[where], model.observed
        )
        moved: FloatArray = model.to_outcome(transform.forward(drawn, model.observed) + apart)
        return np.where(np.isfinite(moved), moved, drawn)


def fit_models(
    hypotheses: Iterable[Hypothesis], ground: Ground, shelf: LawShelf
) -> dict[tuple[str, str], SeriesModel]:
    """The model of every outcome that a claim reads as one series of one unit."""
    wanted: dict[tuple[str, str], str] = {}
    first, last = ground.period
    for hypothesis in hypotheses:
        if not hypothesis.outcome or hypothesis.design in NOT_DRAWN:
            continue
        first, last = _wider((first, last), hypothesis)
        for unit in (*hypothesis.units, *_compared(hypothesis)):
            key = (hypothesis.outcome, unit)
            if wanted.get(key, "none") == "none":
                wanted[key] = "sqrt38" if hypothesis.design == "counts" else hypothesis.transform
    onsets = sorted(
        juncture.onset for juncture in ground.junctures.values() if juncture.role == CLAIMED
    )
    models = {}
    for (variable, unit), transform in sorted(wanted.items()):
        if variable not in ground.panel.variables or unit not in ground.panel.units:
            continue
        seen = ground.panel.series(variable, unit)
        seen = seen[(seen.index >= first) & (seen.index <= last)]
        model = _fit(seen, transform, onsets, ground.panel.codebook[variable], shelf)
        if model is not None:
            models[variable, unit] = model
    return models


def _wider(period: tuple[int, int], hypothesis: Hypothesis) -> tuple[int, int]:
    periods = [period, hypothesis.period, *(look.period for look in hypothesis.looks)]
    known = [each for each in periods if each is not None]
    return min(each[0] for each in known), max(each[1] for each in known)


def _compared(hypothesis: Hypothesis) -> list[str]:
    looked = [unit for look in hypothesis.looks for unit in look.comparison or ()]
    return [*hypothesis.comparison, *looked]


def _fit(
    seen: pd.Series, transform: str, onsets: list[int], variable: Variable, shelf: LawShelf
) -> SeriesModel | None:
    values = seen.to_numpy(dtype=float)
    years = seen.index.to_numpy(dtype=np.int64)
    if len(values) < MIN_VALUES or np.ptp(values) == 0:
        return None  # no design takes it; it stays as observed
    allowed = find_transform(transform).allows(values)
    scale = transform if allowed.all() else "none"
    z = find_transform(scale).forward(values, values)
    inside = [
        onset
        for onset in onsets
        if (years < onset).sum() >= MIN_BEFORE and (years >= onset).sum() >= MIN_AFTER
    ]
    line = np.column_stack([np.ones(len(years)), (years - years.mean()) / 10])
    steps = [(years >= onset).astype(float) for onset in inside]
    x = np.column_stack([line, *steps])
    level = np.eye(x.shape[1])[:1]
    onset = inside[0] if inside else None
    constant, changing = Layout(years, x), Layout(years, x, onset)
    rho, _, sd = _errors(z, constant, level, shelf)
    _, kappa, before = _errors(z, changing, level, shelf) if onset else (rho, 1.0, sd)
    lowest = -np.inf if variable.lower_bound is None else float(variable.lower_bound)
    highest = np.inf if variable.upper_bound is None else float(variable.upper_bound)
    if scale in ("log", "logit"):
        lowest = max(lowest, 0.0) + INSIDE * float(np.abs(values).min())
    return SeriesModel(
        years=years,
        line=gls_mean(z, Layout(years, line), rho),
        rho=rho,
        kappa=kappa,
        onset=onset,
        sd=sd,
        sd_before=before,
        transform=scale,
        observed=values,
        whole=variable.scale == "count" and bool((values == np.round(values)).all()),
        bounds=(lowest, highest),
    )


def _errors(
    z: FloatArray, layout: Layout, level: FloatArray, shelf: LawShelf
) -> tuple[float, float, float]:
    """Median-unbiased rho and kappa, and the innovation sd before the onset that goes with them."""
    fit = fit_ar1(z[None, :], layout, level)
    law = shelf.law(layout, level, None)
    rho, kappa = law.unbias(fit)
    unbiased = float(np.tanh(rho[0]))
    typical = law.typical_sd(float(kappa[0]), unbiased)
    return unbiased, float(np.exp(kappa[0])), float(fit.innovation_sd[0]) / typical
