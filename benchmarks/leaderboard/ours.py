"""The rates of this project's own tests: PB-REML-V, and the date-set permutation for three dates.

At T = 15 the rules refuse the design; the procedure can still be carried out, and what it would
then do is measured and marked.
"""

from collections.abc import Iterator

from analysis.calibration.date_set import exact_p
from analysis.calibration.date_set_rates import share_at_most
from analysis.calibration.reach import reach_of_steps
from analysis.calibration.store import LawShelf
from analysis.design.date_set import DateSetDesign
from analysis.kernel.ar1 import fit_ar1
from analysis.version import VERSION
from benchmarks.leaderboard.grid import ALPHA, RHOS, Question, step_height
from benchmarks.leaderboard.table import FALSE_POSITIVE, POWER, Rate, make_rate

PB_REML_V = ("PB-REML-V", "juncture", VERSION)
T_JDP = ("T-JDP", "juncture", VERSION)


def measure_steps(
    question: Question, shelf: LawShelf, series: int, stream: str = "leaderboard"
) -> Iterator[Rate]:
    """PB-REML-V: rho and kappa estimated anew in each series, critical values of its own law."""
    design, refused = question.design, bool(question.refusal)
    law = shelf.law(design.layout, question.row, design.joint)
    for rho in RHOS:
        fits = fit_ar1(question.errors(rho, series, stream), design.layout, question.row)
        reach = reach_of_steps(fits, law, contrast=0, alternative="two-sided", alpha=ALPHA)
        effect = question.steps * step_height(rho)
        for measure, share in (
            (FALSE_POSITIVE, reach.found()),
            (POWER, reach.found(effect)),
        ):
            yield make_rate(PB_REML_V, question, rho, measure, share, series, refused=refused)


def measure_date_sets(
    question: Question, series: int, stream: str = "leaderboard"
) -> Iterator[Rate]:
    """T-JDP: the sum of the changes at the dates among all sets of as many dates."""
    design = DateSetDesign(
        name=question.design.name,
        series=question.series,
        onsets=question.onsets,
        weights=(1.0,) * question.steps,
        statistic="sum",
        min_spacing=2,
        alternative="two-sided",
    )
    for rho in RHOS:
        errors = question.errors(rho, series, stream)
        raised = errors + step_height(rho) * question.staircase
        for measure, rows in ((FALSE_POSITIVE, errors), (POWER, raised)):
            share = share_at_most(exact_p(rows, design), ALPHA)
            yield make_rate(
                T_JDP, question, rho, measure, share, series, refused=bool(question.refusal)
            )
