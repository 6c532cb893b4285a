"""Measure the error rates of a study's tests and keep them beside its record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from analysis.errors import UsageError
from analysis.exhibits.gather import gather_facts
from analysis.exhibits.numbers import build_numbers, numbers_document
from analysis.paths import StudyPaths
from analysis.records.files import write_json
from analysis.records.study import Study, read_study
from analysis.replication.outcome import Effort, Notice, make_ground
from analysis.replication.record import is_of, read_record
from analysis.replication.service import (
    CURVES,
    DEPARTED,
    PARTS,
    Entry,
    lay_out_service,
    measure_orders,
    still_fitting,
)

FEW = 19  # draws behind a p-value; none is read here


@dataclass(frozen=True, eq=False)
class Calibrated:
    """What was measured of the claims asked for.

    Attributes:
        curves: Size, coverage and power, one entry a claim.
        departures: Size and coverage, one entry a claim and departure.
        refused: Why there is nothing to measure, by claim.
        new: How many entries were measured now and not taken over from the record.
    """

    curves: tuple[Entry, ...]
    departures: tuple[Entry, ...]
    refused: Mapping[str, str]
    new: int

    def to_dict(self) -> dict[str, object]:
        return {
            "curves": list(self.curves),
            "departures": list(self.departures),
            "refused": dict(self.refused),
            "measured": self.new,
        }

    def to_frame(self) -> pd.DataFrame:
        """False-positive rates, one row a claim, one column a departure."""
        rates = pd.DataFrame(
            [(each["claim"], each["departure"], each["size"]["rate"]) for each in self.departures],
            columns=["claim", "departure", "rate"],
        )
        return rates.pivot(index="claim", columns="departure", values="rate")


def calibrate_study(
    root: Path,
    *,
    only: tuple[str, ...] = (),
    jobs: int = 1,
    notice: Notice = lambda _: None,
) -> Calibrated:
    """Measure size, power and coverage of the tests of a study and store them with its record.

    As much is simulated as the record says. What it holds already is not measured again, and what
    is no longer of any claim is dropped; verdicts and everything else stay as they are.

    Args:
        root: Study folder with its record.
        only: Ids of claims of any role; none means every primary one.
        jobs: Processes; the result does not depend on it.
        notice: Called with a line on each step.

    Raises:
        DataError: The study has faults.
        UsageError: An id is not declared, or there is no record of these data and declarations.
    """
    paths = StudyPaths(root)
    study = read_study(root)
    names = _asked_for(study, only)
    record = read_record(paths)
    if not is_of(record, study):
        raise UsageError(
            "The record is not of these data and declarations; run `juncture run` first."
        )
    effort = Effort(**record.calibration["effort"])
    ground = make_ground(study, replace(effort, draws=FEW), jobs)
    service = lay_out_service(study, ground, effort)
    fitting = still_fitting(record.calibration, study, ground, effort)
    measured = measure_orders(
        [order for order in service.orders if order.claim in names],
        service,
        ground,
        effort,
        known=fitting,
        jobs=jobs,
        notice=notice,
    )
    stored = {part: {**fitting[part], **measured.parts[part]} for part in PARTS}
    others = {key: value for key, value in record.calibration.items() if key not in PARTS}
    calibration = {**others, **{part: entries for part, entries in stored.items() if entries}}
    numbers = build_numbers(record.verdicts, calibration, gather_facts(study), record.paths)
    write_json(paths.calibration, calibration)
    write_json(paths.numbers, numbers_document(numbers))
    refused = {**service.refused, **measured.refused}
    keys = [order.key for order in service.orders]  # by claim, then departure
    return Calibrated(
        curves=_in_order(measured.parts[CURVES], keys),
        departures=_in_order(measured.parts[DEPARTED], keys),
        refused={name: refused[name] for name in names if name in refused},
        new=measured.new,
    )


def _asked_for(study: Study, only: tuple[str, ...]) -> list[str]:
    for name in only:
        if name not in study.hypotheses:
            raise UsageError(f"There is no hypothesis {name} in data/hypotheses.toml.")
    primary = [h.id for h in study.hypotheses.values() if h.role == "primary"]
    return sorted(set(only) or primary)


def _in_order(entries: Mapping[str, Entry], keys: list[str]) -> tuple[Entry, ...]:
    return tuple(entries[key] for key in keys if key in entries)
