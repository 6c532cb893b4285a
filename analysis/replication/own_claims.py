"""Decide claims about a panel of one's own by the rule that decides a study's, without a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from analysis.calibration.ask import SEED
from analysis.calibration.measure import Gauge
from analysis.calibration.store import LawShelf
from analysis.errors import DataError, UsageError
from analysis.exhibits.formats import (
    decimals_for,
    format_decimal,
    format_estimate,
    format_interval,
    format_p,
    format_percent,
)
from analysis.panel.panel import Panel
from analysis.records.columns import Known
from analysis.records.declared import read_declared
from analysis.records.declared_together import find_declaration_faults
from analysis.records.hypothesis import Hypothesis, build_hypothesis
from analysis.records.junctures import Juncture
from analysis.records.settings import MULTIPLICITIES
from analysis.records.words import join_words, suggest
from analysis.replication.loaded import RecordedVerdict
from analysis.replication.outcome import Effort
from analysis.verdict.ground import Ground
from analysis.verdict.run import reach_verdicts

FILE = "declared"
QUICK = Effort(
    draws=9_999, law=4_000, reach=4_000, look_draws=1_999, look_law=1_000, studies=500, rates=1_000,
    paths=499,
)  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class DecidedClaims(Mapping[str, RecordedVerdict]):
    """Verdicts by id.

    Attributes:
        hypotheses: As declared.
        verdicts: In the order of the ids.
        effort: How much was simulated.
    """

    hypotheses: Mapping[str, Hypothesis]
    verdicts: Mapping[str, RecordedVerdict]
    effort: Effort

    def __getitem__(self, name: str) -> RecordedVerdict:
        if name not in self.verdicts:
            raise UsageError(f"There is no verdict on {name}; {suggest(name, self.verdicts)}")
        return self.verdicts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.verdicts)

    def __len__(self) -> int:
        return len(self.verdicts)

    def to_frame(self) -> pd.DataFrame:
        """What the report would print of every claim, one row a claim."""
        rows = [verdict.to_frame().T for verdict in self.verdicts.values()]
        return pd.concat(rows).rename_axis("claim")

    def to_dict(self) -> dict[str, Any]:
        """Every verdict as plain values."""
        return {name: verdict.to_dict() for name, verdict in self.verdicts.items()}

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.verdicts.values()))

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html())


def decide_claims(
    panel: Panel,
    declared: str,
    *,
    junctures: Mapping[str, int],
    period: tuple[int, int] | None = None,
    alpha: float = 0.05,
    multiplicity: str = "holm",
    effort: Effort = QUICK,
    seed: int = SEED,
) -> DecidedClaims:
    """Decide declared claims about a panel, gates and families among them.

    Args:
        panel: From `Panel.from_frame` or `load_study(...).panel`.
        declared: Claims in the form of `hypotheses.toml`, one [[hypothesis]] each.
        junctures: First year counted as after, by name.
        period: First and last year; None for all there are.
        alpha: Level of claims that declare none.
        multiplicity: Correction within families: "none", "holm" or "maxt".
        effort: How much is simulated; by default less than a study's record takes.
        seed: Of all simulated series.

    Raises:
        DataError: A declaration breaks a rule; carries every fault found.
        UsageError: There is no such correction.
    """
    if multiplicity not in MULTIPLICITIES:
        known = join_words(MULTIPLICITIES)
        raise UsageError(f'There is no correction "{multiplicity}"; known are {known}.')
    hypotheses = _read(panel, declared, junctures, alpha)
    years = panel.years
    ground = _ground(panel, hypotheses, junctures, period or (years[0], years[-1]), effort, seed)
    gauge = Gauge(ground.shelf, series=effort.reach)
    found = reach_verdicts(hypotheses, ground, gauge, multiplicity=multiplicity)
    verdicts = {}
    for name, verdict in found.items():
        fields = verdict.to_dict()
        verdicts[name] = RecordedVerdict(fields, _texts(fields, hypotheses[name].alpha))
    return DecidedClaims(hypotheses, verdicts, effort)


def _read(
    panel: Panel, text: str, junctures: Mapping[str, int], alpha: float
) -> dict[str, Hypothesis]:
    table, faults = read_declared(FILE, text)
    if table is not None:
        faults += find_declaration_faults(table, _known(panel, junctures), _ranked(panel))
    if table is None or faults:
        raise DataError(sorted(set(faults)))
    tables: Any = table.content["hypothesis"]
    built = [build_hypothesis(each, alpha, {}) for each in tables]
    return {each.id: each for each in sorted(built, key=lambda each: each.id)}


def _known(panel: Panel, junctures: Mapping[str, int]) -> Known:
    return {
        "reference": None,  # any paper may be cited
        "hypothesis": None,
        "source": tuple(panel.cells["source"].unique()),
        "unit": panel.units,
        "variable": panel.variables,
        "juncture": tuple(junctures),
        "claim": (),
        "event": (),
    }


def _ranked(panel: Panel) -> dict[str, tuple[str, ...]]:
    """The sources of each variable."""
    every = panel.cells if panel.observations is None else panel.observations
    names = every.index.get_level_values("variable")
    return {
        str(name): tuple(map(str, sources.unique()))
        for name, sources in every["source"].groupby(names)
    }


def _ground(
    panel: Panel,
    hypotheses: Mapping[str, Hypothesis],
    junctures: Mapping[str, int],
    period: tuple[int, int],
    effort: Effort,
    seed: int,
) -> Ground:
    shelf = LawShelf(seed=seed, series=effort.law)
    dated = {
        name: Juncture(name, name, "claimed", date(onset, 1, 1), onset, None, (), "", "")
        for name, onset in junctures.items()
    }
    return Ground(
        panel=panel,
        junctures=dated,
        period=period,
        shelf=shelf,
        draws=effort.draws,
        look_shelf=LawShelf(seed=seed, series=effort.look_law),
        look_draws=effort.look_draws,
        rate_series=effort.rates,
        path_draws=effort.paths,
        hypotheses=hypotheses,
    )


def _texts(fields: Mapping[str, Any], alpha: float) -> dict[str, str]:
    """The numbers of a verdict as a report prints them."""
    outer = f"{100 * (1 - alpha):g}"
    low, high = (fields.get("intervals") or {}).get(outer) or (None, None)
    ends = [end for end in (fields["estimate"], low, high) if end is not None]
    decimals = decimals_for(ends)
    return {
        "finding": str(fields["finding"]),
        "estimate": format_decimal(fields["estimate"], decimals),
        "interval": format_interval(low, high, decimals),
        "effect_unit": str(fields["effect_unit"]),
        "p_value": format_p(fields["p_value"]),
        "p_adjusted": format_p(fields["p_adjusted"]),
        "size": format_percent(fields["size"], 1),
        "power_at_claim": format_percent(fields["power_at_claim"]),
        "minimum_detectable_effect": format_estimate(fields["minimum_detectable_effect"]),
    }
