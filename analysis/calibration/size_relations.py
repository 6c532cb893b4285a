"""Measure false positives of tests that hold a series against an exposure unrelated to it.

Each exposure is drawn once and held, as a verdict holds it; many outcomes are drawn against it. The
shares are means over exposures, and their Monte Carlo errors are those between exposures.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.calibration.bounds_law import fit_motion, look_at, simulate_bounds_law
from analysis.calibration.companions import both_agree
from analysis.calibration.nonnested import NOT_REJECTED
from analysis.calibration.reach import reach_of_steps
from analysis.calibration.size_others import OtherCell, Setting
from analysis.calibration.size_table import ALPHA, ONSETS
from analysis.calibration.store import LawShelf
from analysis.design.bounds import bounds_design
from analysis.design.mediation import mediation_design
from analysis.design.relation import relation_design
from analysis.design.rivals import exposures_design
from analysis.design.terms import TermsDesign
from analysis.errors import DesignError
from analysis.kernel.ar1 import Fits, fit_ar1
from analysis.kernel.simulate import ar1_errors
from analysis.kernel.streams import standard_normals

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
EXPOSURES = 12
OUTCOMES = 1_000  # against each exposure
BOUNDS_OUTCOMES, BOUNDS_LAW = 400, 600
EARLIER = 2  # years of the exposure before the first outcome
RHO_OF_EXPOSURE = 0.6
SHARED = 0.5  # correlation of the errors of mediator and outcome, where they share a shock


def exposure(setting: Setting, kind: str, number: int) -> pd.Series:
    """An exposure that knows nothing of the outcome."""
    years = np.arange(setting.first_year - EARLIER, setting.years[-1] + 1)
    normals = standard_normals(setting.shelf.seed, f"size:{kind} {number}", 0, 1, len(years))
    if kind == "random walk":
        values = normals.cumsum(axis=1)[0]
    elif kind == "staircase":
        rises = np.clip(np.floor(np.abs(normals[0]) - 0.6), 0, None)
        values = rises.cumsum() + 0.01 * normals[0]
    else:
        line = 3 * np.linspace(-0.5, 0.5, len(years)) / np.sqrt(1 - RHO_OF_EXPOSURE**2)
        values = ar1_errors(normals, years, RHO_OF_EXPOSURE, 1.0, None)[0] + line
    return pd.Series(values, index=years, name=f"exposure {number}")


KINDS = ("AR(.6) with trend", "random walk", "staircase")


def _fits(rows: FloatArray, design: TermsDesign) -> Fits:
    return fit_ar1(rows, design.layout, design.contrasts)


def _reached(
    fits: Fits, design: TermsDesign, at: int, shelf: LawShelf, side: str, alpha: float
) -> BoolArray:
    law = shelf.law(design.layout, design.contrasts, design.joint)
    reach = reach_of_steps(fits, law, contrast=at, alternative=side, alpha=alpha)
    t = np.abs(reach.statistics) if reach.two_sided else reach.statistics
    return np.asarray(t >= reach.critical)


def _cell(
    setting: Setting, test: str, variant: str, world: str, shares: Sequence[BoolArray]
) -> OtherCell:
    by_exposure = np.array([float(each.mean()) for each in shares])
    return OtherCell(
        test=test,
        variant=variant,
        world=world,
        first_year=setting.first_year,
        rho=setting.rho,
        kappa=setting.kappa,
        series=sum(len(each) for each in shares),
        size=float(by_exposure.mean()),
        mc_error=float(by_exposure.std(ddof=1) / np.sqrt(len(by_exposure))),
    )


def relations(setting: Setting) -> Iterator[OtherCell]:
    """The level regression alone, and where both companions agree."""
    for kind in KINDS:
        level, both = [], []
        for number in range(EXPOSURES):
            try:
                design = relation_design(
                    setting.zigzag, exposure(setting, kind, number), lags=1, trend="linear"
                )
            except DesignError:  # a staircase too close to a line is refused
                continue
            rows = setting.errors(f"relation {number}", OUTCOMES)
            found = _reached(
                _fits(rows, design.level), design.level, 0, setting.shelf, "greater", ALPHA
            )
            level.append(found)
            both.append(found & both_agree(rows, design, 1.0, "greater"))
        yield _cell(setting, "relation", "level regression alone", kind, level)
        yield _cell(setting, "relation", "conjunction", kind, both)


def rivals(setting: Setting) -> Iterator[OtherCell]:
    """One exposure found beyond its rival, where the rival alone matters with 2 sd."""
    for shared in (0.5, 0.9):
        found = []
        for number in range(EXPOSURES):
            first = exposure(setting, KINDS[0], number)
            other = exposure(setting, KINDS[0], EXPOSURES + number)
            rival = (shared * first + np.sqrt(1 - shared**2) * other).rename("rival")
            design = exposures_design(setting.zigzag, pd.concat([first, rival], axis=1))
            rows = setting.errors(f"rivals {number}", OUTCOMES)
            column = design.regressors["rival"].to_numpy(dtype=float)
            fits = _fits(rows + 2 * setting.marginal_sd * column, design)
            own = design.terms.index(str(first.name))
            rival_found = _reached(fits, design, 1 - own, setting.shelf, "two-sided", NOT_REJECTED)
            forward = _reached(fits, design, own, setting.shelf, "greater", ALPHA)
            found.append(forward & ~rival_found)
        yield _cell(setting, "nonnested", f"correlation {shared:g}", "rival alone", found)


def mediations(setting: Setting) -> Iterator[OtherCell]:
    """A juncture that moves the mediator by 3 sd, which moves nothing."""
    onset, years = ONSETS["pivot"], setting.years
    for world in ("line", "shared shock"):
        found = []
        for number in range(EXPOSURES):
            normals = standard_normals(
                setting.shelf.seed, f"size:mediator {number}", 0, 1, len(years)
            )
            errors = ar1_errors(normals, years, setting.rho, 1.0, None)[0]
            moved = errors + 3 * setting.marginal_sd * (years >= onset)
            mediator = pd.Series(moved, index=years, name="mediator")
            design = mediation_design(setting.zigzag, mediator, {"pivot": onset})
            rows = setting.errors(f"mediation {number}", OUTCOMES)
            if world != "line":
                rows = SHARED * errors + np.sqrt(1 - SHARED**2) * rows
            second = _reached(
                _fits(rows, design.second), design.second, 0, setting.shelf, "greater", ALPHA
            )
            law = setting.shelf.law(design.first.layout, design.first.contrasts, design.first.joint)
            fits = fit_ar1(moved[None, :], design.first.layout, design.first.contrasts)
            first = reach_of_steps(fits, law, contrast=0, alternative="greater", alpha=ALPHA)
            found.append(second & bool(first.statistics[0] >= first.critical[0]))
        yield _cell(setting, "mediation", "both paths", world, found)


def long_runs(setting: Setting) -> Iterator[OtherCell]:
    """The three bounds tests together; the short run of the law is that of one outcome."""
    if setting.kappa != 1:
        return
    for kind in KINDS[:2]:
        found = []
        for number in range(EXPOSURES):
            rows = setting.errors(f"bounds {number}", BOUNDS_OUTCOMES)
            outcome = pd.Series(rows[0], index=setting.years, name="outcome")
            design = bounds_design(outcome, exposure(setting, kind, number))
            law = simulate_bounds_law(
                design,
                fit_motion(design, with_level=False),
                seed=setting.shelf.seed,
                stream="size:bounds law",
                series=BOUNDS_LAW,
            )
            used = rows[:, -len(design.outcome) :]
            p = np.maximum.reduce(law.p_values(look_at(used, design), "greater"))
            found.append(p <= ALPHA)
        yield _cell(setting, "bounds", "three tests", kind, found)


RELATIONS: Mapping[str, Callable[[Setting], Iterator[OtherCell]]] = {
    "relation": relations,
    "nonnested": rivals,
    "mediation": mediations,
    "bounds": long_runs,
}
