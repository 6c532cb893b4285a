"""Several regressions side by side, as a table in text, Markdown, HTML, LaTeX or Typst."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from analysis.errors import UsageError
from analysis.estimation.regression_result import RegressionResult
from analysis.exhibits.formats import (
    ABSENT,
    decimals_for,
    format_count,
    format_decimal,
    format_interval,
    format_years,
)
from analysis.records.words import join_words

STAR_LEVELS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))
MOST_DECIMALS = 6
LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
        "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
        "\N{MINUS SIGN}": "$-$", "\N{EN DASH}": "--", "\N{INFINITY}": r"$\infty$",
    }
)  # fmt: skip
TYPST = str.maketrans({sign: f"\\{sign}" for sign in "\\#$*_<>@[]`~=+/-"})
MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\|*_`<>[]"})


@dataclass(frozen=True, eq=False, repr=False)
class ModelTable:
    """A table that is worded and ready to be written.

    Attributes:
        heads: Of the columns, one a model.
        coefficients: Rows of label and cells: estimate, then standard error or interval.
        fit: Rows of label and cells: effects, observations, measures of fit.
        note: Lines under the table: standard errors, stars, what decides.
    """

    heads: tuple[str, ...]
    coefficients: tuple[tuple[str, ...], ...]
    fit: tuple[tuple[str, ...], ...]
    note: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """The cells as text, one column a model."""
        rows = [*self.coefficients, *self.fit]
        index = pd.Index([row[0] for row in rows], name="term")
        return pd.DataFrame([row[1:] for row in rows], index=index, columns=list(self.heads))

    def to_text(self) -> str:
        """For a terminal."""
        rows = [("", *self.heads), *self.coefficients, *self.fit]
        widths = [max(len(row[place]) for row in rows) for place in range(len(self.heads) + 1)]

        def line(row: Sequence[str]) -> str:
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
            return "  ".join(cells).rstrip()

        rule = "-" * (sum(widths) + 2 * len(self.heads))
        parts = [line(rows[0]), rule, *map(line, self.coefficients), rule, *map(line, self.fit)]
        return "\n".join([*parts, rule, *self.note])

    def to_markdown(self) -> str:
        """A pipe table and its note."""
        rows = [[cell.translate(MARKDOWN) for cell in row] for row in self._rows()]
        rule = [":---", *["---:"] * len(self.heads)]
        lines = ["| " + " | ".join(row) + " |" for row in [rows[0], rule, *rows[1:]]]
        return "\n".join([*lines, "", *(line.translate(MARKDOWN) + "  " for line in self.note)])

    def to_html(self) -> str:
        """A table element; its note is the caption at the foot."""

        def row(cells: Sequence[str], tag: str) -> str:
            first = f'<th scope="row">{escape(cells[0])}</th>'
            others = "".join(
                f'<{tag} style="text-align:right">{escape(c)}</{tag}>' for c in cells[1:]
            )
            return f"<tr>{first}{others}</tr>"

        head = row(self._rows()[0], "th")
        bodies = [
            "<tbody>" + "\n".join(row(cells, "td") for cells in part) + "</tbody>"
            for part in (self.coefficients, self.fit)
        ]
        note = "<br/>".join(escape(line) for line in self.note)
        caption = f'<caption style="caption-side:bottom;text-align:left">{note}</caption>'
        return f"<table>{caption}\n<thead>{head}</thead>\n" + "\n".join(bodies) + "\n</table>"

    def to_latex(self) -> str:
        """A tabular with the rules of the package booktabs."""

        def row(cells: Sequence[str]) -> str:
            return " & ".join(cell.translate(LATEX) for cell in cells) + r" \\"

        columns = len(self.heads) + 1
        note = " ".join(self.note).translate(LATEX)
        lines = [
            rf"\begin{{tabular}}{{l{'r' * len(self.heads)}}}",
            r"\toprule",
            row(self._rows()[0]),
            r"\midrule",
            *map(row, self.coefficients),
            r"\midrule",
            *map(row, self.fit),
            r"\bottomrule",
            rf"\multicolumn{{{columns}}}{{p{{0.9\linewidth}}}}{{\footnotesize {note}}} \\",
            r"\end{tabular}",
        ]
        return "\n".join(lines)

    def to_typst(self) -> str:
        """A table and its note, as Typst markup."""

        def cells(row: Sequence[str]) -> str:
            return "  " + ", ".join(f"[{cell.translate(TYPST)}]" for cell in row) + ","

        aligned = ", ".join(["left", *["right"] * len(self.heads)])
        note = " \\\n  ".join(line.translate(TYPST) for line in self.note)
        lines = [
            "#table(",
            f"  columns: {len(self.heads) + 1}, stroke: none, align: ({aligned}),",
            "  table.hline(),",
            f"  table.header({cells(self._rows()[0]).strip()}),",
            "  table.hline(stroke: 0.5pt),",
            *map(cells, self.coefficients),
            "  table.hline(stroke: 0.5pt),",
            *map(cells, self.fit),
            "  table.hline(),",
            ")",
            f"#text(size: 0.8em)[{note}]",
        ]
        return "\n".join(lines)

    def _rows(self) -> list[tuple[str, ...]]:
        return [("", *self.heads), *self.coefficients, *self.fit]

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return self.to_html()

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


def model_table(
    models: Mapping[str, RegressionResult],
    *,
    terms: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    intervals: bool = False,
    stars: bool = False,
) -> ModelTable:
    """Set models side by side, standard errors in brackets under the estimates.

    Args:
        models: By the head of their column.
        terms: Which terms, in this order; None for all, in order of first appearance.
        labels: What a term or outcome is called in the table.
        intervals: Intervals instead of standard errors.
        stars: Mark p-values below .05, .01 and .001.

    Raises:
        UsageError: There is no model, or a term is in none of them.
    """
    if not models:
        raise UsageError("A table of models needs a model.")
    known = list(dict.fromkeys(name for result in models.values() for name in result.names))
    for name in terms or ():
        if name not in known:
            raise UsageError(f'No model has the term "{name}"; the terms are {join_words(known)}.')
    called = dict(labels or {})
    rows: list[tuple[str, ...]] = []
    for name in terms or known:
        rows += _coefficient_rows(name, called.get(name, name), models, intervals, stars)
    return ModelTable(
        heads=tuple(models),
        coefficients=tuple(rows),
        fit=tuple(_fit_rows(models, called)),
        note=tuple(_note(models, intervals, stars)),
    )


def _coefficient_rows(
    name: str,
    label: str,
    models: Mapping[str, RegressionResult],
    intervals: bool,
    stars: bool,
) -> list[tuple[str, ...]]:
    having = {head: r.position(name) for head, r in models.items() if name in r.names}
    smallest = min(float(models[head].std_errors[place]) for head, place in having.items())
    decimals = min(decimals_for([smallest]), MOST_DECIMALS)
    above, below = [label], [""]
    for head, result in models.items():
        if head not in having:
            above.append("")
            below.append("")
            continue
        place = having[head]
        star = _stars(float(result.p_values[place])) if stars else ""
        above.append(format_decimal(float(result.estimates[place]), decimals) + star)
        if intervals:
            low, high = map(float, result.intervals[place])
            below.append(f"[{format_interval(low, high, decimals)}]")
        else:
            below.append(f"({format_decimal(float(result.std_errors[place]), decimals)})")
    return [tuple(above), tuple(below)]


def _stars(p: float) -> str:
    return next((mark for bound, mark in STAR_LEVELS if p < bound), "")


def _fit_rows(
    models: Mapping[str, RegressionResult], called: Mapping[str, str]
) -> list[tuple[str, ...]]:
    results = list(models.values())
    rows: list[tuple[str, ...]] = [
        ("Outcome", *(called.get(r.outcome, r.outcome) for r in results)),
        ("Model", *(r.model for r in results)),
    ]
    for effect in dict.fromkeys(name for r in results for name in r.effects):
        cells = ("yes" if effect in r.effects else "no" for r in results)
        rows.append((f"Effects of {effect}", *cells))
    rows += [
        ("Observations", *(format_count(r.n_obs) for r in results)),
        ("Units", *(format_count(r.n_units) for r in results)),
        ("Years", *(format_years(*r.years) for r in results)),
    ]
    for kind in ("r2s", "facts"):
        names = dict.fromkeys(name for r in results for name in getattr(r, kind))
        for name in names:
            values = [getattr(r, kind).get(name) for r in results]
            decimals = None if kind == "facts" else 3
            cells = (ABSENT if v is None else format_decimal(v, decimals) for v in values)
            rows.append((name, *cells))
    return rows


def _note(models: Mapping[str, RegressionResult], intervals: bool, stars: bool) -> list[str]:
    results = list(models.values())
    kinds = list(dict.fromkeys(result.covariance for result in results))
    levels = join_words(dict.fromkeys(f"{100 * result.level:g} %" for result in results))
    what = f"Intervals at {levels} in brackets" if intervals else "Standard errors in brackets"
    if len(kinds) == 1:
        lines = [f"{what}: {kinds[0]}."]
    else:
        lines = [f"{what}."]
        lines += [f"{head}: {result.covariance}." for head, result in models.items()]
    if stars:
        lines.append("* p < .05, ** p < .01, *** p < .001, two-sided.")
    for note in dict.fromkeys(note for result in results for note in result.notes):
        having = [head for head, result in models.items() if note in result.notes]
        lines.append(note if len(having) == len(models) else f"{join_words(having)}: {note}")
    statuses = dict.fromkeys(result.status for result in results)
    return [*lines, f"Status: {join_words(statuses)}."]
