"""The declared tables of a study as types, with their readers and checks."""

from analysis.records.citations import Source
from analysis.records.claims import Claim
from analysis.records.codebook import Variable
from analysis.records.hypothesis import Hypothesis, Look, apply_look
from analysis.records.junctures import Juncture, onset_by_rule
from analysis.records.settings import Settings
from analysis.records.study import Study, check_study, read_study
from analysis.records.units import Unit

__all__ = [
    "Claim",
    "Hypothesis",
    "Juncture",
    "Look",
    "Settings",
    "Source",
    "Study",
    "Unit",
    "Variable",
    "apply_look",
    "check_study",
    "onset_by_rule",
    "read_study",
]
