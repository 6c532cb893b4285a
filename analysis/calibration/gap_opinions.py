"""Read the gap of one treated unit by the methods in use, side by side; see `gap_methods`."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from analysis.calibration.gap_methods import METHODS, NAN, AskedGap, GapMethod, GapOpinion
from analysis.design.gap import GapDesign
from analysis.errors import DesignError, UsageError
from analysis.kernel.ar1 import fit_ar1
from analysis.kernel.synthetic import weigh_donors
from analysis.kernel.threads import one_thread
from analysis.records.words import join_words


@dataclass(frozen=True, eq=False)
class GapOpinions:
    """All methods on one gap.

    Attributes:
        name: The gap.
        term: The step that is ranked: a juncture or "total".
        alternative: "greater", "less" or "two-sided".
        alpha: Level.
        rows: One entry a method.
        left_out: REML estimate of the term without each donor in turn, by donor.
    """

    name: str
    term: str
    alternative: str
    alpha: float
    rows: tuple[GapOpinion, ...]
    left_out: pd.Series

    def to_frame(self) -> pd.DataFrame:
        """One row a method."""
        return pd.DataFrame([asdict(row) for row in self.rows]).set_index("method")

    def to_dict(self) -> dict[str, object]:
        """Everything as plain values."""
        return {
            "name": self.name,
            "term": self.term,
            "alternative": self.alternative,
            "alpha": self.alpha,
            "methods": [asdict(row) for row in self.rows],
            "left_out": {str(donor): float(value) for donor, value in self.left_out.items()},
        }


def tabulate_gap_opinions(
    design: GapDesign,
    term: str,
    *,
    alternative: str = "two-sided",
    alpha: float = 0.05,
    window: int | None = None,
) -> GapOpinions:
    """Read one gap by every method; those that do not apply say why.

    Args:
        design: From `gap_design`.
        term: A juncture or "total".
        alternative: "greater", "less" or "two-sided".
        alpha: Level of intervals, and below which a rank must be able to come.
        window: Years from the first onset on for the conformal test; by default the fewest, but
            at least three, with which its p can come down to alpha.

    Raises:
        UsageError: There is no such term or alternative.
    """
    if term not in design.steps.terms:
        known = join_words(design.steps.terms)
        raise UsageError(f'{design.steps.name} has no term "{term}"; its terms are {known}.')
    if alternative not in ("greater", "less", "two-sided"):
        raise UsageError(f'There is no alternative "{alternative}".')
    asked = AskedGap(design, term, alternative, alpha, window)
    with one_thread():  # products split over threads would round differently
        rows = tuple(_opinion(name, method, asked) for name, method in METHODS.items())
        left_out = leave_one_donor_out(design, term)
    return GapOpinions(design.steps.name, term, alternative, alpha, rows, left_out)


def leave_one_donor_out(design: GapDesign, term: str) -> pd.Series:
    """REML estimate of the term without each donor in turn, weights chosen anew, by donor."""
    width = design.donors.shape[1]
    if width < 2:
        return pd.Series(dtype=float, name="estimate")
    treated = np.tile(design.treated.to_numpy(dtype=float), (width, 1))
    donors = design.donors.to_numpy(dtype=float)
    others = ~np.eye(width, dtype=bool)
    weights = weigh_donors(treated, donors, design.before, design.weighting, others)
    row = design.steps.contrasts[[design.steps.terms.index(term)]]
    fits = fit_ar1(treated - weights @ donors.T, design.steps.layout, row)
    return pd.Series(fits.estimates[:, 0], index=design.donors.columns, name="estimate")


def _opinion(name: str, method: GapMethod, asked: AskedGap) -> GapOpinion:
    try:
        return method(asked)
    except DesignError as refusal:
        return GapOpinion(name, NAN, NAN, NAN, NAN, NAN, str(refusal))
