"""Measure false positives of the deciding tests other than dated steps, where nothing happens.

Years end in 2022, onsets are those of the three junctures, tests are one-sided at 5 %, with a
linear trend where the model has one. `size` is the share of series found by the plain p, `decided`
that by the p that decides where a test guards itself. For sets of dates and orders smooth changes
are drawn too: an S around 2014 and a bend at 2012, of 4 marginal sd. Tests against exposures are in
`size_relations`; `size_run` writes the table.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.special import logit

from analysis.calibration.break_law import DateShelf, scan_series, towards
from analysis.calibration.date_set import exact_p
from analysis.calibration.equivalence import equivalent_share
from analysis.calibration.firsts_rates import measure_firsts
from analysis.calibration.guard import HIGH_RHO, maximised_p_values
from analysis.calibration.latent import Events, Latent
from analysis.calibration.order import Contest
from analysis.calibration.reach import monte_carlo_error, reach_of_steps
from analysis.calibration.size_table import ALPHA, LAST_YEAR, ONSETS, RHOS, SEED, null_design
from analysis.calibration.store import LawShelf
from analysis.design.date_set import date_set_design
from analysis.design.firsts import firsts_design
from analysis.design.kink import kink_design
from analysis.design.lags import MAX_LAG, step_lags_design
from analysis.design.steps import MIN_VALUES, StepsDesign, steps_design
from analysis.design.unknown_date import unknown_date_design
from analysis.kernel.ar1 import Fits, fit_ar1
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
FIRST_YEARS = (2002, 1998, 1992)
KAPPAS = (1.0, 2.0)
SERIES = 10_000
LAW = 3_000
HISTORIES = 2_000  # of first events
DONORS = 10
TRIALS = 20  # cases a year behind a share
LATENT_SD = 0.4
BOUND = 2.0  # marginal sds, of "too small to matter"
MEANS = (2.0, 6.0, 20.0)
DATES = {"pivot": "2012-01-05", "ukraine": "2014-03-18", "thaad": "2016-07-08"}
TABLE = Path("reports/size/others.csv")


@dataclass(frozen=True, slots=True)
class OtherCell:
    """Share of series without effect in which a test finds one.

    Attributes:
        test: Design it decides.
        variant: Term, statistic or what else distinguishes it.
        world: What the series are: "line", or the smooth change or dependence drawn.
        first_year: Of the series; the last is 2022.
        rho: Autocorrelation of the errors.
        kappa: Innovation sd from 2012 on over that before.
        series: Number of series.
        size: Share found by the plain p.
        mc_error: Monte Carlo standard error of `size`.
        decided: Share found by the p that decides; nan where that is the plain p.
    """

    test: str
    variant: str
    world: str
    first_year: int
    rho: float
    kappa: float
    series: int
    size: float
    mc_error: float
    decided: float = float("nan")


@dataclass(frozen=True, eq=False)
class Setting:
    """Years and error process at which tests are measured.

    Attributes:
        first_year: Of the series.
        rho: Autocorrelation.
        kappa: Innovation sd from 2012 on over that before.
        shelf: Null laws, shared by all settings of the same years.
        dates: Null laws of steps at unknown dates, likewise.
        series: Series a cell.
    """

    first_year: int
    rho: float
    kappa: float
    shelf: LawShelf
    dates: DateShelf
    series: int = SERIES

    @property
    def years(self) -> NDArray[np.int64]:
        return np.arange(self.first_year, LAST_YEAR + 1)

    @property
    def zigzag(self) -> pd.Series:
        """A series that lays a design out; its values do not matter."""
        return pd.Series(self.years % 2 + 0.1 * (self.years % 3), index=self.years, name="zigzag")

    @property
    def marginal_sd(self) -> float:
        """Of the errors before 2012, whose innovation sd is one."""
        return 1 / float(np.sqrt(1 - self.rho**2))

    def errors(self, stream: str, series: int | None = None) -> FloatArray:
        """Series in which nothing happens, shape (series, n)."""
        number = self.series if series is None else min(series, self.series)
        normals = standard_normals(self.shelf.seed, f"size:{stream}", 0, number, len(self.years))
        onset = ONSETS["pivot"] if self.kappa != 1 else None
        return ar1_errors(normals, self.years, self.rho, self.kappa, onset)

    def cell(
        self,
        test: str,
        variant: str,
        found: NDArray[np.bool_] | float,
        *,
        world: str = "line",
        series: int | None = None,
        decided: float = float("nan"),
    ) -> OtherCell:
        number = len(found) if isinstance(found, np.ndarray) else series or self.series
        share = float(np.mean(found))
        return OtherCell(
            test, variant, world, self.first_year, self.rho, self.kappa, number, share,
            monte_carlo_error(share, number), decided,
        )  # fmt: skip


def smooth_worlds(setting: Setting) -> dict[str, FloatArray]:
    """Means without a jump, in the unit of the errors, shape (n,)."""
    years, sd = setting.years.astype(float), 4 * setting.marginal_sd
    return {
        "line": np.zeros(len(years)),
        "S-curve": sd / (1 + np.exp(-(years - 2014) / 2)),
        "bend": sd * np.maximum(years - 2012, 0) / (LAST_YEAR - 2012),
    }


def _fit(errors: FloatArray, design: StepsDesign) -> Fits:
    return fit_ar1(errors, design.layout, design.contrasts, design.joint)


def _found(fits: Fits, design: StepsDesign, term: str, shelf: LawShelf) -> NDArray[np.bool_]:
    law = shelf.law(design.layout, design.contrasts, design.joint)
    reach = reach_of_steps(
        fits, law, contrast=design.terms.index(term), alternative="greater", alpha=ALPHA
    )
    return np.asarray(reach.statistics >= reach.critical)


def kinks(setting: Setting) -> Iterator[OtherCell]:
    """A bend at 2012; the maximised p decides from a rho of .5 on."""
    design = kink_design(setting.zigzag, {"pivot": ONSETS["pivot"]})
    law = setting.shelf.law(design.layout, design.contrasts, design.joint)
    fits = _fit(setting.errors("kink"), design)
    for term in design.terms[:1]:
        found = _found(fits, design, term, setting.shelf)
        rho, _ = law.unbias(fits)
        worst = maximised_p_values(law, design.terms.index(term), fits, "greater")
        decided = np.where(np.tanh(rho) > HIGH_RHO, worst <= ALPHA, found)
        yield setting.cell("kink", term, found, decided=float(decided.mean()))


def lags(setting: Setting) -> Iterator[OtherCell]:
    """A step at 2012 that arrives over four years; the shortest series are refused."""
    if len(setting.years) < MIN_VALUES + MAX_LAG:
        return
    design = step_lags_design(setting.zigzag, {"pivot": ONSETS["pivot"]})
    fits = _fit(setting.errors("lags"), design)
    for term in ("whole", "at_once", "later"):
        yield setting.cell("lags", term, _found(fits, design, term, setting.shelf))


def date_sets(setting: Setting) -> Iterator[OtherCell]:
    """Three dates ranked among all placements."""
    for statistic in ("sum", "window", "lag", "local"):
        design = date_set_design(setting.zigzag, ONSETS, statistic=statistic)
        for world, mean in smooth_worlds(setting).items():
            p = exact_p(setting.errors("dates") + mean, design)
            yield setting.cell("date_set", statistic, p <= ALPHA + 1e-12, world=world)


def break_dates(setting: Setting) -> Iterator[OtherCell]:
    """The largest likelihood ratio over all dates, wherever the largest is."""
    design = unknown_date_design(setting.zigzag)
    law = setting.dates.law(design).of("greater")
    scanned = scan_series(setting.errors("break"), design.scan)
    largest = towards(scanned.dates.roots, "greater").max(axis=1)
    p = law.joint_exceedance(largest, law.place(scanned.reml))
    yield setting.cell("break_date", "any year", p <= ALPHA)


def orders(setting: Setting) -> Iterator[OtherCell]:
    """Three stages, each a step, in a staircase that beats smooth means."""
    design = null_design(setting.first_year)
    worlds = smooth_worlds(setting)
    step = (setting.years >= ONSETS["ukraine"]).astype(float)
    worlds["one step of 3 sd"] = np.asarray(3 * setting.marginal_sd * step)
    for world, mean in worlds.items():
        rows = setting.errors("order") + mean
        fits = _fit(rows, design)
        each = np.all([_found(fits, design, term, setting.shelf) for term in ONSETS], axis=0)
        asked = np.flatnonzero(each)
        if len(asked):
            each[asked] &= Contest.of(design).steps_win(rows[asked])
        yield setting.cell("order", "three steps", each, world=world)


def events(setting: Setting) -> Iterator[OtherCell]:
    """Three steps in counts and shares whose rate wanders; one-sided p of the stabilised series."""
    if setting.kappa != 1:
        return
    design = null_design(setting.first_year)
    latent, n = Latent(LATENT_SD, setting.rho), len(setting.years)
    one, trials = np.ones(n), np.full(n, float(TRIALS))
    cases = [
        ("counts", f"mean {mean:g}", Events(design.layout, "poisson", one), np.log(mean))
        for mean in MEANS
    ]
    cases += [
        (
            "shares",
            f"{share:g} of {TRIALS}",
            Events(design.layout, "binomial", trials),
            logit(share),
        )
        for share in (0.3, 0.1)
    ]
    for test, variant, drawn, eta in cases:
        outcomes = drawn.draw(
            np.full(n, eta), latent, seed=setting.shelf.seed,
            stream=f"size:{test}:{variant}", series=setting.series,
        )  # fmt: skip
        fits = _fit(drawn.stabilise(outcomes), design)
        for term in ("ukraine", "total"):
            found = _found(fits, design, term, setting.shelf)
            yield setting.cell(test, f"{variant}, {term}", found)


def gaps(setting: Setting) -> Iterator[OtherCell]:
    """The distance to the mean of ten units whose errors have an autocorrelation of .6."""
    design = null_design(setting.first_year)
    own = setting.errors("gap")
    donors = np.zeros_like(own)
    for donor in range(DONORS):
        normals = standard_normals(
            setting.shelf.seed, f"size:donor {donor}", 0, len(own), len(setting.years)
        )
        donors += ar1_errors(normals, setting.years, 0.6, 1.0, None) / DONORS
    fits = _fit(own - donors, design)
    for term in ("ukraine", "total"):
        yield setting.cell("gap", f"mean, {term}", _found(fits, design, term, setting.shelf))


def equivalences(setting: Setting) -> Iterator[OtherCell]:
    """A step of 2 sd called smaller than 2 sd."""
    design = steps_design(setting.zigzag, {"pivot": ONSETS["pivot"]})
    bound = BOUND * setting.marginal_sd
    share = equivalent_share(
        _fit(setting.errors("equivalence"), design),
        setting.shelf.law(design.layout, design.contrasts, design.joint),
        contrast=0,
        effect=bound,
        bounds=(-bound, bound),
        alpha=ALPHA,
    )
    yield setting.cell("equivalence", f"bound {BOUND:g} sd", share)


def firsts(setting: Setting) -> Iterator[OtherCell]:
    """Twelve first events in windows of a year; only the world of the events matters."""
    if setting.kappa != 1 or setting.rho != 0:
        return
    places = standard_normals(setting.shelf.seed, "size:firsts", 0, 1, 12)[0]
    month = np.floor((np.argsort(np.argsort(places)) + 0.5) / 12 * 12 * len(setting.years))
    dates = [f"{setting.first_year + int(m) // 12}-{int(m) % 12 + 1:02d}" for m in month]
    design = firsts_design(dates, DATES, period=(setting.first_year, LAST_YEAR))
    rates = measure_firsts(
        design, smallest_ratio=2.0, claimed_ratio=3.0, seed=setting.shelf.seed, series=HISTORIES
    )
    for world, share in rates.sizes.items():
        yield setting.cell("firsts", "12 events", share, world=world, series=HISTORIES)


MEASURES: Mapping[str, Callable[[Setting], Iterator[OtherCell]]] = {
    "kink": kinks,
    "lags": lags,
    "date_set": date_sets,
    "break_date": break_dates,
    "order": orders,
    "events": events,
    "gap": gaps,
    "equivalence": equivalences,
    "firsts": firsts,
}


def measure_others(
    measures: Mapping[str, Callable[[Setting], Iterator[OtherCell]]] = MEASURES,
    *,
    seed: int = SEED,
    series: int = SERIES,
    law: int = LAW,
    jobs: int = 1,
) -> list[OtherCell]:
    """Every cell of these tests; the result does not depend on `jobs`."""

    def cells(name: str, first_year: int) -> list[OtherCell]:
        shelf, dates = LawShelf(seed=seed, series=law), DateShelf(seed, law)
        return [
            cell
            for kappa in KAPPAS
            for rho in RHOS
            for cell in measures[name](Setting(first_year, rho, kappa, shelf, dates, series))
        ]

    parts = Parallel(n_jobs=jobs)(
        delayed(cells)(name, first_year) for name in measures for first_year in FIRST_YEARS
    )
    return [cell for part in parts for cell in part]


def write_others(cells: list[OtherCell], path: Path) -> None:
    """Write the cells as text, shares to five digits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    with beside.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        columns = list(OtherCell.__slots__)
        writer.writerow(columns)
        for cell in cells:
            writer.writerow([_text(getattr(cell, column)) for column in columns])
    beside.replace(path)


def _text(value: object) -> object:
    if not isinstance(value, float):
        return value
    return "" if np.isnan(value) else f"{value:.5f}".rstrip("0").rstrip(".")
