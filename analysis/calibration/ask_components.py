"""Ask in words of which components an index owes its effect, and whether its weights matter."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.calibration.ask import SEED
from analysis.calibration.ask_rivals import DRAWS, cells_of, question_of, result_of
from analysis.calibration.asked import Asked
from analysis.calibration.components import WEIGHT_DRAWS, ComponentsTest, calibrate_components
from analysis.calibration.measure import Gauge
from analysis.calibration.shelves import shared_shelf
from analysis.calibration.terms import TermsTest
from analysis.errors import UsageError
from analysis.estimation.detailed_result import DetailedResult
from analysis.panel.panel import Panel

WEIGHTS = "random weights"


def components(
    panel: Panel,
    *,
    outcome: str,
    components: Sequence[str],
    unit: str,
    component_unit: str | None = None,
    trend: str = "linear",
    controls: Mapping[str, str] | None = None,
    transform: str = "none",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    period: tuple[int, int] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    weight_draws: int = WEIGHT_DRAWS,
) -> DetailedResult:
    """Ask of which components an index owes its effect, and whether its weights matter.

    Rows are the effects of one sd around the trend of each component alone, of each beside the
    others, and of the index with all and without one; p is uncorrected, and corrected by Holm in
    the table "corrected".

    Args:
        panel: From `load_study(...).panel` or `Panel.from_frame`.
        outcome: A variable of the panel.
        components: Variables that make up the index, larger meaning more.
        unit: Whose outcome, such as "CHN-RUS".
        component_unit: Whose components; that of the outcome if None.
        trend: "none", "linear" or "quadratic".
        controls: Unit by variable.
        transform: Of the outcome.
        alternative: "greater", "less" or "two-sided".
        alpha: Level; intervals are at 1 - alpha.
        period: First and last year; None for all there are.
        draws: Null series behind each p-value.
        seed: Of all simulated series.
        weight_draws: How many weightings are drawn.

    Raises:
        DesignError: The data cannot answer the question; the message says why.
        UsageError: The panel has no such variable or unit, or an option has a value there is not.
    """
    asked = Asked(panel, outcome, unit, transform, alternative, alpha, period, draws, seed)
    if len(set(components)) < len(components):
        raise UsageError("A component is named twice; name each once.")
    other, shelf = component_unit or unit, shared_shelf(seed)
    test = calibrate_components(
        asked.series(outcome, unit, transform),
        pd.DataFrame({name: asked.series(name, other) for name in components}),
        shelf,
        draws=draws,
        name=f"{outcome} of {unit}",
        trend=trend,
        controls=asked.controls(controls),
        weight_draws=weight_draws,
    )
    gauge = Gauge(shelf)
    rows = {
        f"{term} ({model})": _row(each, asked, term, gauge)
        for (model, term), each in test.by_model().items()
    }
    frame = test.to_frame(alternative=alternative, alpha=alpha)
    tables = {
        "corrected": frame.loc[["alone"], ["p_value", "p_holm"]],
        WEIGHTS: tabulate_weights(test, alternative, alpha),
    }
    return result_of(asked, test.whole, rows, _say_components(test, alternative, alpha), tables)


def tabulate_weights(test: ComponentsTest, alternative: str, alpha: float) -> pd.DataFrame:
    """What the random weights say, one row."""
    low, high = test.weighted.band()
    row = {
        "draws": len(test.weighted.estimates),
        "share_positive": test.weighted.share_positive,
        "share_found": test.weighted.share_found(alternative, alpha),
        "median": float(np.median(test.weighted.estimates)),
        "band_low": low,
        "band_high": high,
    }
    return pd.DataFrame([row], index=pd.Index(["index"], name="exposure"))


def _say_components(test: ComponentsTest, alternative: str, alpha: float) -> str:
    drawn = test.weighted
    said = [
        f"With weights drawn at random the effect of the index is positive in "
        f"{100 * drawn.share_positive:.0f} % of {len(drawn.estimates)} draws and found in "
        f"{100 * drawn.share_found(alternative, alpha):.0f} %."
    ]
    if test.refusal:
        said.append(f"Together the components are refused: {test.refusal}")
    if test.product is not None:
        said.append(test.product.outcome_in_words(alpha))
    else:
        said.append(f"Sum and geometric mean are not compared: {test.product_refusal}")
    return " ".join(said)


def _row(test: TermsTest, asked: Asked, term: str, gauge: Gauge) -> tuple[float, ...]:
    reading = test.read(term, alternative=asked.alternative, alpha=asked.alpha)
    return cells_of(reading, gauge.measure(test, question_of(test, asked, term)))
