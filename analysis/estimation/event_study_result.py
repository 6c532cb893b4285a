"""An event study in the one form that notebooks, tables and the figure read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import pandas as pd

from analysis.estimation.pre_trends import PreTrends
from analysis.records.words import join_words

COLUMNS = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high", "size")


@dataclass(frozen=True, eq=False)
class JuncturePath:
    """What was estimated around one juncture.

    Attributes:
        juncture: Its name, or "any juncture" for a path that all share.
        onsets: First year after, by treated unit.
        errors: Kind of the standard errors shown.
        table: Index event_time, the reference among them; `COLUMNS`, size being the share of
            simulated panels without an effect in which this p is at most alpha (nan: not counted).
        average: The same of the average effect over event times from 0 on, binned end left out.
        every: The same by (errors, term) for every kind of errors that can be had.
        refused: Why a kind of errors cannot be had, by kind.
        pre_trends: Joint test of the event times before the onset, and its power.
        pre_trends_size: Measured false-positive rate of that test.
        sensitivity: Index (restriction, bound); conf_low, conf_high of the average effect.
        breakdown: Smallest bound at which that interval holds zero, by restriction.
        rates: Index (errors, term); measured false-positive rates by departure.
        also_inside: Other junctures whose onset lies in the years shown after this one.
    """

    juncture: str
    onsets: Mapping[str, tuple[int, ...]]
    errors: str
    table: pd.DataFrame
    average: pd.Series
    every: pd.DataFrame
    refused: Mapping[str, str]
    pre_trends: PreTrends
    pre_trends_size: float
    sensitivity: pd.DataFrame
    breakdown: Mapping[str, float]
    rates: pd.DataFrame
    also_inside: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "juncture": self.juncture,
            "onsets": {unit: list(each) for unit, each in self.onsets.items()},
            "errors": self.errors,
            "event_times": {str(k): v for k, v in self.table.to_dict(orient="index").items()},
            "average": self.average.to_dict(),
            "every": _nested(self.every),
            "refused": dict(self.refused),
            "pre_trends": {**asdict(self.pre_trends), "size": self.pre_trends_size},
            "sensitivity": _nested(self.sensitivity),
            "breakdown": dict(self.breakdown),
            "rates": _nested(self.rates),
            "also_inside": list(self.also_inside),
        }


@dataclass(frozen=True, eq=False, repr=False)
class EventStudyResult:
    """An event study over treated and comparison units.

    Attributes:
        outcome: Name in the codebook.
        measured_in: Unit of the estimates, transform included.
        treated: Units with an onset.
        comparison: Units without.
        paths: One for each juncture asked about.
        window: First and last event time.
        reference: Event time whose effect is zero by construction.
        ends: "binned" or "trimmed".
        n_obs: Unit-years.
        years: First and last.
        level: Of the intervals.
        decides: Whether a verdict may rest on the p-values; never with one treated unit.
        note: Why, or what a reader has to know.
        method: Estimator and errors, worded for a table note.
    """

    outcome: str
    measured_in: str
    treated: tuple[str, ...]
    comparison: tuple[str, ...]
    paths: tuple[JuncturePath, ...]
    window: tuple[int, int]
    reference: int
    ends: str
    n_obs: int
    years: tuple[int, int]
    level: float
    decides: bool
    note: str
    method: str

    def to_frame(self) -> pd.DataFrame:
        """One row for each juncture and event time, the average effects last of each."""
        frames = {}
        for path in self.paths:
            table = path.table.copy()
            table.index = table.index.map(lambda time: f"{time:+d}")
            table.loc["average"] = path.average
            frames[path.juncture] = table
        return pd.concat(frames, names=["juncture", "term"])

    def path(self, juncture: str) -> JuncturePath:
        """The path of one juncture."""
        return next(path for path in self.paths if path.juncture == juncture)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "outcome": self.outcome,
            "measured_in": self.measured_in,
            "treated": list(self.treated),
            "comparison": list(self.comparison),
            "window": list(self.window),
            "reference": self.reference,
            "ends": self.ends,
            "n_obs": self.n_obs,
            "years": list(self.years),
            "level": self.level,
            "decides": self.decides,
            "note": self.note,
            "method": self.method,
            "paths": {path.juncture: path.to_dict() for path in self.paths},
        }

    def summary(self) -> str:
        """What, how many and how, then each juncture; the same on every run."""
        blocks = [line for path in self.paths for line in ["", *_describe(path)]]
        return "\n".join([*self._heading(), *blocks, "", self.method, self.note]).rstrip()

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        heading = "<br>".join(escape(line) for line in self._heading())
        table = self.to_frame().to_html(float_format="{:.3f}".format)
        notes = "<br>".join(escape(line) for line in (self.method, self.note))
        return f"<p>{heading}</p>{table}<p><small>{notes}</small></p>"

    def _heading(self) -> list[str]:
        others = f"{len(self.comparison)} comparison units"
        return [
            f"{self.outcome} of {join_words(self.treated)} against {others}, in {self.measured_in}",
            f"{self.n_obs} unit-years, {self.years[0]}-{self.years[1]}; effects against event time "
            f"{self.reference}, {100 * self.level:g} % intervals",
        ]


def _describe(path: JuncturePath) -> list[str]:
    table = path.table.copy()
    table.index = table.index.map(lambda time: f"{time:+d}")
    table.loc["average"] = path.average
    trends, bound = path.pre_trends, path.breakdown
    onsets = sorted({onset for each in path.onsets.values() for onset in each})
    lines = [
        f"{path.juncture} ({join_words(map(str, onsets))}), {path.errors} errors",
        table.to_string(float_format="{:.3f}".format, index_names=False),
        f"Before the onset together: F({trends.df[0]:g}, {trends.df[1]:g}) = "
        f"{trends.statistic:.2f}, p = {trends.p_value:.3f} (false-positive rate "
        f"{path.pre_trends_size:.2f}); a trend of {trends.detectable_slope:.3g} a year is found "
        f"four times in five, one of {trends.slope:.3g}, which would give the average effect, "
        f"with power {trends.power:.2f}",
        "The average effect holds zero from M = "
        f"{bound['smoothness']:.3g} (change of slope a year) and Mbar = {bound['relative']:.3g} "
        "(of the largest change before) on; nan: at once",
    ]
    if path.also_inside:
        lines.append(f"Years after the onset also hold {join_words(path.also_inside)}.")
    return lines


def _nested(frame: pd.DataFrame) -> dict[str, Any]:
    """Rows of a frame with two index levels as nested plain values."""
    nested: dict[str, Any] = {}
    for labels, row in zip(frame.index, frame.to_dict(orient="records"), strict=True):
        nested.setdefault(str(labels[0]), {})[str(labels[1])] = row
    return nested
