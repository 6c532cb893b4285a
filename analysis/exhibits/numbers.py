"""Every number and text the report prints, by name, as it is printed.

The report names `J-20.orders.estimate` and never types a number; what has no entry here cannot be
printed. A name is an id and a field for a claim (`J-20.orders.p_value`), and a topic and a field
for everything else (`study.n_claims`, `juncture.pivot.onset`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.exhibits.calibration_numbers import number_calibration
from analysis.exhibits.claim_numbers import number_claim
from analysis.exhibits.data_numbers import number_data
from analysis.exhibits.fact_numbers import number_facts
from analysis.exhibits.facts import StudyFacts, join_declaration
from analysis.exhibits.number import Numbers
from analysis.exhibits.path_numbers import number_paths
from analysis.exhibits.study_numbers import number_prospects, number_study

FORMAT = 1


def build_numbers(
    verdicts: Mapping[str, Any],
    calibration: Mapping[str, Any],
    facts: StudyFacts,
    paths: Mapping[str, Any] | None = None,
) -> Numbers:
    """Give every number of the report from the record's verdicts, calibration and the tables.

    Args:
        verdicts: The content of `verdicts.json`.
        calibration: The content of `calibration.json`.
        facts: What the tables of the study say.
        paths: The content of `paths.json`; none where there are no paths.
    """
    numbers: Numbers = {}
    for verdict in verdicts["verdicts"]:
        numbers |= number_claim(join_declaration(verdict, facts), verdicts["alpha"], facts)
    for key, walked in (paths or {}).items():
        numbers |= number_paths(key, walked)
    numbers |= number_study(verdicts, facts) | number_prospects(verdicts, numbers)
    numbers |= number_facts(verdicts.get("facts") or [], facts)
    numbers |= number_calibration(calibration)
    if facts.data is not None:
        numbers |= number_data(facts.data)
    return dict(sorted(numbers.items()))


def numbers_document(numbers: Numbers) -> dict[str, Any]:
    """Give the content of `numbers.json`."""
    return {"format": FORMAT, "numbers": numbers}
