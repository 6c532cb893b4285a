"""Composites: which series make up an index, and how each of them enters it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from analysis.errors import Fault
from analysis.records.codebook import NAME, reach
from analysis.records.forms import CONSTRUCTS
from analysis.records.table import Table
from analysis.records.words import join_words, quote, split_list

SERIES = ("composite", "subject", "component", "variable", "unit")


@dataclass(frozen=True, slots=True)
class Member:
    """A series that enters an index.

    Attributes:
        composite: The construct, or the construct and a word: `threat`, `cooperation_long`.
        subject: The unit the index describes; the member's own `unit` may be another.
        direction: 1 if a larger value means more of the construct, -1 if less.
    """

    composite: str
    subject: str
    component: str
    variable: str
    unit: str
    transform: str
    direction: int
    note: str

    @property
    def series(self) -> str:
        """The member in words, such as `arms_transfers_tiv of RUS>CHN`."""
        return f"{self.variable} of {self.unit}"


def name_index(composite: str, component: str = "") -> str:
    """Name the variable that holds an index: of a component, or overall.

    >>> name_index("threat", "proximity"), name_index("threat")
    ('threat_proximity_index', 'threat_index')
    """
    return "_".join(part for part in (composite, component, "index") if part)


def find_composite_faults(
    table: Table, codebook: Table | None, observations: Table | None
) -> Iterator[Fault]:
    """Names that cannot be, members without values, and members that say the same thing twice."""
    for column in ("composite", "component"):
        for row, text in table.bad_cells(
            column, lambda text: not text or NAME.fullmatch(text) is not None
        ):
            what = f"{quote(text)} cannot be part of the name of a variable"
            yield table.fault(row, column, what, "write small letters, digits and single _")
    for row, text in table.bad_cells("composite", _begins_with_construct):
        what = f"{quote(text)} does not begin with a construct"
        yield table.fault(row, "composite", what, f"begin with {join_words(CONSTRUCTS)}")
    if not table.has(*SERIES):
        return
    yield from _find_circles(table)
    yield from _find_repeated_series(table)
    if codebook is None:
        return
    yield from _find_members_in_members(table, codebook)
    if observations is not None:
        yield from _find_members_without_values(table, codebook, observations)


def build_composites(table: Table) -> tuple[Member, ...]:
    """Make the members of a table without faults, in its order."""
    return tuple(
        Member(
            composite=row["composite"],
            subject=row["subject"],
            component=row["component"],
            variable=row["variable"],
            unit=row["unit"],
            transform=row["transform"],
            direction=int(row["direction"]),
            note=row["note"],
        )
        for row in table.records().values()
    )


def _begins_with_construct(text: str) -> bool:
    return not text or text.split("_")[0] in CONSTRUCTS


def _find_circles(table: Table) -> Iterator[Fault]:
    rows = table.records().values()
    indices = {
        name_index(row["composite"], component)
        for row in rows
        for component in ("", row["component"])
    }
    for row, text in table.bad_cells("variable", lambda text: text not in indices):
        what = f"{text} is itself an index of this table"
        yield table.fault(row, "variable", what, "list the series that it is made of")


def _find_repeated_series(table: Table) -> Iterator[Fault]:
    """A series in two components of one index would count twice."""
    first: dict[tuple[str, ...], int] = {}
    for row, cells in table.records().items():
        key = tuple(cells[name] for name in ("composite", "subject", "variable", "unit"))
        known = first.setdefault(key, row)
        if known != row and table.frame.at[known, "component"] != cells["component"]:
            what = f"{cells['variable']} of {cells['unit']} stands already in row {known}"
            yield table.fault(row, "variable", what, "keep it in one component")


def _find_members_in_members(table: Table, codebook: Table) -> Iterator[Fault]:
    """A ratio beside the level it is made of would count the level twice."""
    if not codebook.has("variable", "derived_from"):
        return
    origins = {
        str(name): split_list(str(parts))
        for name, parts in codebook.frame[["variable", "derived_from"]].itertuples(index=False)
    }
    rows = table.records().items()
    for _, group in groupby(rows, key=lambda item: (item[1]["composite"], item[1]["subject"])):
        members = list(group)
        variables = {cells["variable"] for _, cells in members}
        for row, cells in members:
            for part in sorted(reach(origins, cells["variable"]) & variables):
                what = f"{cells['variable']} is derived from {part}, which is a member too"
                yield table.fault(row, "variable", what, "keep one of the two")


def _find_members_without_values(
    table: Table, codebook: Table, observations: Table
) -> Iterator[Fault]:
    listed = codebook.names("variable")
    if listed is None or not observations.complete:
        return
    if not observations.has("variable", "unit", "value"):
        return
    frame = observations.frame
    pairs = frame.loc[frame["value"].ne(""), ["variable", "unit"]].drop_duplicates()
    observed = set(pairs.itertuples(index=False, name=None))
    for row, cells in table.records().items():
        variable, unit = cells["variable"], cells["unit"]
        if variable in listed and (variable, unit) not in observed:
            having = sorted(of for name, of in observed if name == variable)
            remedy = f"did you mean {join_words(having)}?" if 0 < len(having) <= 4 else ""
            what = f"{variable} has no value for {quote(unit)}"
            yield table.fault(row, "unit", what, remedy or "name a unit that has one")
