"""What a provider's own file becomes: the table the readers of the study know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from analysis.errors import UsageError


@dataclass(frozen=True, slots=True, eq=False)
class Reshaped:
    """A provider's file in the layout of the raw folder.

    Attributes:
        table: As it will be stored.
        vintage: What the provider calls this release; empty if the file does not say.
        note: What a reader must know before comparing it with the vintage held.
        columns_held: Name in the vintage held, by name in `table`, where the two differ.
    """

    table: pd.DataFrame
    vintage: str = ""
    note: str = ""
    columns_held: Mapping[str, str] = field(default_factory=dict)


def check_columns(present: Iterable[object], wanted: Iterable[str], what: str) -> None:
    """Raise unless a provider's table has the columns its reshaping needs."""
    names = [str(name) for name in present]
    missing = [name for name in wanted if name not in names]
    if missing:
        shown = ", ".join(names[:12]) + (" ..." if len(names) > 12 else "")
        raise unknown_layout(what, f"has no column {', '.join(missing)}; it has {shown}")


def unknown_layout(what: str, fault: str) -> UsageError:
    """The error for a file that came whole but is not laid out as expected."""
    return UsageError(
        f"{what} {fault}. Nothing was stored; look at the file, and adapt its reshaping in "
        "analysis/sources if the provider has changed the layout."
    )
