"""Estimates with what else belongs to the answer: a sentence that says it, and further tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from analysis.estimation.result import Result


@dataclass(frozen=True, eq=False, repr=False)
class DetailedResult(Result):
    """A result of several models.

    Attributes:
        answer: What came out, in sentences.
        tables: Further tables, by what they hold.
    """

    answer: str
    tables: Mapping[str, pd.DataFrame]

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values; the further tables as lists of rows."""
        tables = {
            name: table.reset_index().to_dict(orient="records")
            for name, table in self.tables.items()
        }
        return super().to_dict() | {"answer": self.answer, "tables": tables}

    def summary(self) -> str:
        """The estimates, the answer, then the further tables; the same on every run."""
        parts = [super().summary(), *([self.answer] if self.answer else [])]
        for name, table in self.tables.items():
            parts += [f"\n{name}:", table.to_string(float_format="{:.3f}".format)]
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        parts = [super()._repr_html_(), f"<p>{escape(self.answer)}</p>" if self.answer else ""]
        for name, table in self.tables.items():
            html = table.to_html(float_format="{:.3f}".format, na_rep="")
            parts += [f"<h4>{escape(name)}</h4>", html]
        return "".join(parts)
