"""The indices of a study as rows of its observations and its codebook.

Each composite gives an index of every component, for every subject, and one overall. The overall
index comes twice: with equal weights (source `composite`) and weighted by the first principal
component (source `composite-pca`), so that a look can name the other by its source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import pandas as pd

from analysis.panel.assemble import assemble_panel
from analysis.panel.composite import (
    Index,
    Scores,
    combine_by_first_component,
    combine_equally,
    score_members,
)
from analysis.panel.panel import Panel
from analysis.panel.reliability import measure_reliability
from analysis.paths import OBSERVATIONS
from analysis.records.composites import Member, name_index
from analysis.records.forms import CODEBOOK
from analysis.records.observations import build_observations
from analysis.records.study import Study
from analysis.records.table import Table
from analysis.sources.observations import Observation, Status, tabulate_observations

EQUAL, PRINCIPAL = "composite", "composite-pca"
LEAST_MEMBERS_OF_PRINCIPAL = 3  # the first component of two weighs them equally in any case


@dataclass(frozen=True, slots=True)
class Plan:
    """An index to be made; `component` is blank for the overall one."""

    composite: str
    subject: str
    component: str
    members: tuple[Member, ...]

    @property
    def variable(self) -> str:
        return name_index(self.composite, self.component)


def plan_indices(members: Sequence[Member]) -> tuple[Plan, ...]:
    """Every index that the members make, sorted by variable and subject.

    A component that is the whole composite, or has the same members as one of another composite,
    gives no index of its own.
    """
    plans: dict[tuple[str, frozenset[Member]], Plan] = {}
    ordered = sorted(members, key=lambda each: (each.composite, each.subject, each.component))
    for (composite, subject), group in groupby(
        ordered, key=lambda each: (each.composite, each.subject)
    ):
        whole = tuple(group)
        for component in ("", *sorted({each.component for each in whole})):
            part = tuple(each for each in whole if component in ("", each.component))
            plan = Plan(composite, subject, component, part)
            plans.setdefault((subject, _series(part)), plan)
    return tuple(sorted(plans.values(), key=lambda plan: (plan.variable, plan.subject)))


def append_composites(observations: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Add the study's indices to a table of observations, in place of those that stand in it.

    Args:
        observations: As `tabulate_observations` makes it, every cell the text to be stored.
        study: Declares the members, the codebook and the period that is the base.

    Raises:
        DesignError: An index cannot be made of its members.
    """
    kept = observations[~observations["source"].isin([EQUAL, PRINCIPAL])]
    panel = assemble_panel(replace(study, observations=_typed(kept)))
    made = make_observations(panel, study.composites, study.settings.period)
    together = pd.concat([kept, tabulate_observations(made)], ignore_index=True)
    return together.sort_values(["unit", "year", "variable", "source"], ignore_index=True)


def make_observations(
    panel: Panel, members: Sequence[Member], base: tuple[int, int] | None = None
) -> list[Observation]:
    """The indices as observations; `tabulate_observations` makes a table of them.

    An index one of whose members has a recalled value is recalled in every year, because each of
    its values leans on the mean and sd over all of them.
    """
    rows: list[Observation] = []
    for plan in plan_indices(members):
        scores = score_members(panel, plan.members, base)
        status, note = _provenance(panel, plan, scores)
        for source, index in _indices(plan, scores):
            locator, remark = _locate(plan, index), note + _name_reversed(index)
            for year, value in index.values.items():
                rows.append(
                    Observation(
                        unit=plan.subject,
                        year=int(str(year)),
                        variable=plan.variable,
                        value=float(value),
                        status=status,
                        source=source,
                        locator=locator,
                        note=remark,
                    )
                )
    return rows


def composite_codebook_rows(
    panel: Panel, members: Sequence[Member], base: tuple[int, int] | None = None
) -> pd.DataFrame:
    """The rows that the indices need in the codebook, every cell as text."""
    rows = []
    plans = sorted(plan_indices(members), key=lambda plan: plan.variable)
    for variable, group in groupby(plans, key=lambda plan: plan.variable):
        same = list(group)
        years = {each.subject: score_members(panel, each.members, base) for each in same}
        rows.append(_codebook_row(variable, same, years))
    return pd.DataFrame(rows, columns=list(CODEBOOK.names))


def tabulate_indices(
    panel: Panel, members: Sequence[Member], base: tuple[int, int] | None = None
) -> pd.DataFrame:
    """One row for each index: years, members, reliability, and what one dimension explains."""
    rows = []
    for plan in plan_indices(members):
        scores = score_members(panel, plan.members, base)
        measured = measure_reliability(scores)
        rows.append(
            {
                "variable": plan.variable,
                "unit": plan.subject,
                "n_members": measured.n_members,
                "first_year": int(scores.values.index.min()),
                "last_year": int(scores.values.index.max()),
                "n_years": measured.n_years,
                "alpha": measured.alpha,
                "alpha_of_changes": measured.alpha_of_changes,
                "omega": measured.omega,
                "explained": combine_equally(scores).explained,
                "explained_by_principal": _explained(plan, scores),
            }
        )
    return pd.DataFrame(rows)


def _series(members: Sequence[Member]) -> frozenset[Member]:
    """The members without what they are called here."""
    return frozenset(replace(each, composite="", component="", note="") for each in members)


def _typed(observations: pd.DataFrame) -> pd.DataFrame:
    text = observations.astype(str).set_axis(range(2, len(observations) + 2))
    return build_observations(Table(OBSERVATIONS, text, frozenset(), complete=True))


def _indices(plan: Plan, scores: Scores) -> Iterator[tuple[str, Index]]:
    yield EQUAL, combine_equally(scores)
    if _has_principal(plan):
        yield PRINCIPAL, combine_by_first_component(scores)


def _has_principal(plan: Plan) -> bool:
    return not plan.component and len(plan.members) >= LEAST_MEMBERS_OF_PRINCIPAL


def _explained(plan: Plan, scores: Scores) -> float:
    return combine_by_first_component(scores).explained if _has_principal(plan) else float("nan")


def _locate(plan: Plan, index: Index) -> str:
    """The sum that the value is, so that it can be done again from the rows of the members."""
    terms = (
        f"{each.direction * index.weights[each.series]:.4f} {_transformed(each)}"
        for each in plan.members
    )
    return "computed as the sum of standardised " + "; ".join(terms)


def _name_reversed(index: Index) -> str:
    """Name the members that the first component turns against their declared direction."""
    names = list(index.weights.index[index.weights < 0])
    return f"; against its declared direction enters {', '.join(names)}" if names else ""


def _transformed(member: Member) -> str:
    return member.series if member.transform == "none" else f"{member.transform}({member.series})"


def _provenance(panel: Panel, plan: Plan, scores: Scores) -> tuple[Status, str]:
    note = f"standardised over {scores.base[0]}-{scores.base[1]}, {scores.n_base_years} years"
    recalled = [
        each.series
        for each in plan.members
        if panel.cells_for([each.variable], [each.unit], years=list(scores.values.index))["status"]
        .eq("recalled")
        .any()
    ]
    if recalled:
        return "recalled", f"{note}; leans on recalled values of {', '.join(recalled)}"
    return "computed", note


def _codebook_row(
    variable: str, plans: Sequence[Plan], scores: dict[str, Scores]
) -> dict[str, str]:
    plan = plans[0]
    construct = plan.composite.split("_")[0]
    spans = {
        subject: (int(each.values.index.min()), int(each.values.index.max()))
        for subject, each in scores.items()
    }
    described = "; ".join(
        f"{subject} {first}-{last}, {_count_members(scores[subject])}"
        for subject, (first, last) in spans.items()
    )
    return {
        "variable": variable,
        "label": _label(plan),
        "construct": construct,
        "component": plan.component or "all components",
        "measured_in": "sd",
        "scale": "index",
        "higher_means": f"more {construct}",
        "lower_bound": "",
        "upper_bound": "",
        "sources": ";".join([EQUAL, PRINCIPAL] if any(map(_has_principal, plans)) else [EQUAL]),
        "coverage_first": str(min(first for first, _ in spans.values())),
        "coverage_last": str(max(last for _, last in spans.values())),
        "derived_from": ";".join(
            sorted({each.variable for plan in plans for each in plan.members})
        ),
        "note": f"Members in data/composites.csv, docs/decisions/0020-composites.md. {described}.",
    }


def _label(plan: Plan) -> str:
    """Such as `Index of cooperation, long: arms`."""
    whole = "Index of " + plan.composite.replace("_", ", ", 1)
    return (f"{whole}: {plan.component}" if plan.component else whole).replace("_", " ")


def _count_members(scores: Scores) -> str:
    n_members = scores.values.shape[1]
    return "1 member" if n_members == 1 else f"{n_members} members"
