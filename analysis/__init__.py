"""juncture: statistical hypothesis testing for political scientists.

One function for each design, which takes a panel and words; what it needs is imported when it is
first used, so that `import analysis` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from analysis.errors import DataError, DesignError, EstimationError, JunctureError, UsageError

if TYPE_CHECKING:
    from analysis.calibration.ask import steps as steps
    from analysis.calibration.ask_components import components as components
    from analysis.calibration.ask_dates import break_date as break_date
    from analysis.calibration.ask_dates import date_set as date_set
    from analysis.calibration.ask_dates import firsts as firsts
    from analysis.calibration.ask_dates import order as order
    from analysis.calibration.ask_gap import gap as gap
    from analysis.calibration.ask_panel import across_dyads as across_dyads
    from analysis.calibration.ask_plan import false_positives as false_positives
    from analysis.calibration.ask_plan import plan as plan
    from analysis.calibration.ask_plan import second_opinions as second_opinions
    from analysis.calibration.ask_ratios import counts as counts
    from analysis.calibration.ask_ratios import shares as shares
    from analysis.calibration.ask_relations import asymmetry as asymmetry
    from analysis.calibration.ask_relations import bounds as bounds
    from analysis.calibration.ask_relations import moderation as moderation
    from analysis.calibration.ask_relations import relation as relation
    from analysis.calibration.ask_rivals import mediation as mediation
    from analysis.calibration.ask_rivals import nonnested as nonnested
    from analysis.calibration.ask_series import equivalence as equivalence
    from analysis.calibration.ask_series import kink as kink
    from analysis.calibration.ask_series import lags as lags
    from analysis.calibration.ask_synthetic import synthetic_control as synthetic_control
    from analysis.calibration.dyads import event_study as event_study
    from analysis.estimation.panel_confounding import panel_confounding as panel_confounding
    from analysis.estimation.panel_instruments import (
        instrumented_regression as instrumented_regression,
    )
    from analysis.estimation.panel_models import panel_regression as panel_regression
    from analysis.estimation.panel_systems import panel_system as panel_system
    from analysis.estimation.result import Result as Result
    from analysis.exhibits.figures_coefficients import plot_coefficients as plot_coefficients
    from analysis.exhibits.figures_event_study import plot_event_study as plot_event_study
    from analysis.exhibits.figures_gap import plot_gap as plot_gap
    from analysis.exhibits.figures_lines import plot_lines as plot_lines
    from analysis.exhibits.figures_sensitivity import plot_sensitivity as plot_sensitivity
    from analysis.exhibits.figures_synthetic import plot_synthetic_control as plot_synthetic_control
    from analysis.exhibits.model_table import model_table as model_table
    from analysis.panel.panel import Panel as Panel
    from analysis.records.study import check_study as check_study
    from analysis.replication.loaded import LoadedStudy as LoadedStudy
    from analysis.replication.loaded import RecordedVerdict as RecordedVerdict
    from analysis.replication.loaded import load_study as load_study
    from analysis.replication.own_claims import decide_claims as decide_claims
    from analysis.verdict.rule import Evidence as Evidence
    from analysis.verdict.rule import Finding as Finding
    from analysis.verdict.rule import decide as decide

WHERE = {
    "calibration.ask": ("steps",),
    "calibration.ask_components": ("components",),
    "calibration.ask_dates": ("break_date", "date_set", "firsts", "order"),
    "calibration.ask_gap": ("gap",),
    "calibration.ask_panel": ("across_dyads",),
    "calibration.ask_plan": ("false_positives", "plan", "second_opinions"),
    "calibration.ask_ratios": ("counts", "shares"),
    "calibration.ask_relations": ("asymmetry", "bounds", "moderation", "relation"),
    "calibration.ask_rivals": ("mediation", "nonnested"),
    "calibration.ask_series": ("equivalence", "kink", "lags"),
    "calibration.ask_synthetic": ("synthetic_control",),
    "calibration.dyads": ("event_study",),
    "estimation.panel_confounding": ("panel_confounding",),
    "estimation.panel_instruments": ("instrumented_regression",),
    "estimation.panel_models": ("panel_regression",),
    "estimation.panel_systems": ("panel_system",),
    "estimation.result": ("Result",),
    "exhibits.figures_coefficients": ("plot_coefficients",),
    "exhibits.figures_event_study": ("plot_event_study",),
    "exhibits.figures_gap": ("plot_gap",),
    "exhibits.figures_lines": ("plot_lines",),
    "exhibits.figures_sensitivity": ("plot_sensitivity",),
    "exhibits.figures_synthetic": ("plot_synthetic_control",),
    "exhibits.model_table": ("model_table",),
    "panel.panel": ("Panel",),
    "records.study": ("check_study",),
    "replication.loaded": ("LoadedStudy", "RecordedVerdict", "load_study"),
    "replication.own_claims": ("decide_claims",),
    "verdict.rule": ("Evidence", "Finding", "decide"),
}
MODULES = {name: f"analysis.{module}" for module, names in WHERE.items() for name in names}

__all__ = [
    "DataError",
    "DesignError",
    "EstimationError",
    "JunctureError",
    "UsageError",
    *MODULES,
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in MODULES:
        raise AttributeError(f"module 'analysis' has no attribute {name!r}")
    found = getattr(import_module(MODULES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
