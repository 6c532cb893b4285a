"""juncture: statistical hypothesis testing for political scientists."""

from analysis.calibration.ask import steps
from analysis.errors import DataError, DesignError, EstimationError, JunctureError, UsageError
from analysis.estimation.result import Result
from analysis.panel.panel import Panel
from analysis.records.study import check_study
from analysis.replication.loaded import LoadedStudy, RecordedVerdict, load_study
from analysis.verdict.rule import Evidence, Finding, decide

__all__ = [
    "DataError",
    "DesignError",
    "EstimationError",
    "Evidence",
    "Finding",
    "JunctureError",
    "LoadedStudy",
    "Panel",
    "RecordedVerdict",
    "Result",
    "UsageError",
    "check_study",
    "decide",
    "load_study",
    "steps",
]
