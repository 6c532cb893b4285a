"""What can go wrong, in words a user can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one place of a study.

    Attributes:
        file: Path of the file relative to the study folder.
        row: Line number as an editor shows it (the header is 1); None for the file as a whole.
        column: Column of a table or key of a TOML file; empty if none.
        fault: What is wrong.
        remedy: What would be right.
    """

    file: str
    row: int | None
    column: str
    fault: str
    remedy: str

    def __str__(self) -> str:
        place = [self.file]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column:
            place.append(self.column)
        end = "" if self.remedy.endswith("?") else "."
        return f"{', '.join(place)}: {self.fault}; {self.remedy}{end}"

    def __lt__(self, other: Fault) -> bool:
        """Order by place: a fault of the whole file comes before those of its rows."""
        return self._place() < other._place()

    def _place(self) -> tuple[str, int, str, str, str]:
        return (self.file, self.row or 0, self.column, self.fault, self.remedy)


class JunctureError(Exception):
    """The parent of every error the toolkit raises on purpose."""


class DataError(JunctureError):
    """A table breaks its own rules; carries every fault found, in order of place."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class DesignError(JunctureError):
    """The data cannot answer the question; the message is the reason of an `untestable`."""


class EstimationError(JunctureError):
    """An estimate could not be computed although the design was accepted."""


class UsageError(JunctureError):
    """Bad usage or unreadable input."""
