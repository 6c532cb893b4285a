"""The main tables for authors, as Markdown and as LaTeX (booktabs), each cell a number by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.exhibits.model_table import LATEX, MARKDOWN
from analysis.exhibits.number import Number, look_up
from analysis.exhibits.pieces import write_pieces
from analysis.exhibits.study_numbers import FINDINGS

CLAIM_FIELDS = {
    "id": "Claim",
    "claim": "In words",
    "design": "Design",
    "estimate": "Effect",
    "interval": "Interval",
    "effect_unit": "Unit",
    "p_value": "p",
    "p_adjusted": "p corrected",
    "size": "Size",
    "power_at_claim": "Power",
    "minimum_detectable_effect": "Detectable",
    "finding_word": "Finding",
}
FACT_FIELDS = {
    "statement": "Statement",
    "locator": "Place",
    "expected": "By the statement",
    "observed": "By the data",
    "finding": "Finding",
    "needs": "What would be needed",
}
WALK_FIELDS = {
    "id": "Claim",
    "paths_n": "Paths",
    "paths_refused": "Refused",
    "paths_same_sign": "Claimed sign",
    "paths_found": "Small p",
    "paths_smallest": "Smallest",
    "paths_median": "Median",
    "paths_largest": "Largest",
    "joint_p": "Joint p",
}
DECIDE_FIELDS = {
    "id": "Claim",
    "claimed_effect": "Claimed",
    "minimum_detectable_effect": "Detectable",
    "effect_unit": "Unit",
    "power_at_claim": "Power",
    "year_needed": "Data up to",
    "series_needed": "Series like this",
}
SERIES_FIELDS = {
    "label": "Series",
    "unit_name": "Unit",
    "measured_in": "Measured in",
    "years": "Years",
    "n": "Values",
    "n_missing": "Gaps",
    "sources": "Sources",
}
TALLY_FIELDS = {"name": "Family", "n": "Claims", **{f"n_{f}": f.capitalize() for f in FINDINGS}}

# What a table of verdicts holds beyond the signs that every table may.
_LATEX = LATEX | str.maketrans(
    {
        "\N{NARROW NO-BREAK SPACE}": r"\,", "<": "$<$", ">": "$>$", "\N{MULTIPLICATION SIGN}":
        r"$\times$", "\N{GREATER-THAN OR EQUAL TO}": r"$\geq$", "\N{LESS-THAN OR EQUAL TO}":
        r"$\leq$", "\N{DAGGER}": r"\dag{}", "\N{DOUBLE DAGGER}": r"\ddag{}",
        "\N{SECTION SIGN}": r"\S{}", "\N{PILCROW SIGN}": r"\P{}",
        "\N{DOUBLE VERTICAL LINE}": r"$\|$",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExportTable:
    """A table of texts.

    Attributes:
        name: File name without ending.
        caption: What it shows.
        head: Names of columns.
        rows: Texts, as long as the head.
    """

    name: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_markdown(self) -> str:
        """The table with its caption above."""
        head, *rows = [" | ".join(map(_plain, row)) for row in (self.head, *self.rows)]
        lines = [head, " | ".join(["---"] * len(self.head)), *rows]
        body = "\n".join(f"| {line} |" for line in lines)
        return f"{self.caption}\n\n{body}\n"

    def to_latex(self) -> str:
        """A longtable with booktabs rules; columns of words are as wide as a share of the line."""
        columns = "".join(self._column(place) for place in range(len(self.head)))
        head = " & ".join(map(_latex, self.head)) + r" \\"
        body = "\n".join(" & ".join(map(_latex, row)) + r" \\" for row in self.rows)
        return "\n".join(
            [
                r"% needs \usepackage{booktabs,longtable}",
                rf"\begin{{longtable}}{{{columns}}}",
                rf"\caption{{{_latex(self.caption)}}}\label{{tab:{self.name}}}\\",
                r"\toprule",
                head,
                r"\midrule",
                r"\endfirsthead",
                r"\toprule",
                head,
                r"\midrule",
                r"\endhead",
                r"\bottomrule",
                r"\endfoot",
                body,
                r"\end{longtable}",
                "",
            ]
        )

    def _column(self, place: int) -> str:
        longest = max((len(row[place]) for row in self.rows), default=0)
        return r"p{.28\linewidth}" if longest > 40 else "l" if longest > 14 else "r"


def export_tables(layout: Mapping[str, Any], numbers: Mapping[str, Number]) -> dict[str, str]:
    """Give the content of each file of `reports/tables/`, by name.

    Raises:
        UsageError: A cell names a number that does not exist.
    """
    files = {}
    for table in make_tables(layout, numbers):
        if table.rows:
            files[f"{table.name}.md"] = table.to_markdown()
            files[f"{table.name}.tex"] = table.to_latex()
    return files


def make_tables(layout: Mapping[str, Any], numbers: Mapping[str, Number]) -> list[ExportTable]:
    """Give the tables: tally, claims, parts, placebos, outlook, paths, statements, series."""

    def cell(key: str, field: str) -> str:
        mark = str(layout["marks"].get(key, "")) if field == "p_adjusted" else ""
        return look_up(numbers, f"{key}.{field}") + mark

    def table(
        name: str, caption: str, keys: Sequence[str], fields: Mapping[str, str]
    ) -> ExportTable:
        rows = tuple(tuple(cell(key, field) for field in fields) for key in keys)
        notes = _explain(keys, layout, numbers) if "p_adjusted" in fields else []
        return ExportTable(name, " ".join([caption, *notes]), tuple(fields.values()), rows)

    families: Sequence[Mapping[str, Any]] = layout["families"]
    parts = [part for family in families for claim in family["claims"] for part in claim["parts"]]
    decide = [key for paper in layout["papers"] for key in paper["decide"]]
    tables = [
        table("findings", "Findings by family.", layout["tally"], TALLY_FIELDS),
        table("claims", "Verdicts that decide a claim.", layout["claims"], CLAIM_FIELDS),
        table("parts", "Tests shown beside the claims.", parts, CLAIM_FIELDS),
        table("placebos", "Placebos.", layout["placebos"], CLAIM_FIELDS),
        table("outlook", "What data would decide the open claims.", decide, DECIDE_FIELDS),
        table("multiverse", "Claims along all paths.", layout["walked"], WALK_FIELDS),
        table("series", "Series that claims read.", layout["series"], SERIES_FIELDS),
    ]
    for paper in layout["facts"]:
        key = str(paper["paper"]).removeprefix("facts.")
        caption = f"Statements of fact of {look_up(numbers, paper['paper'] + '.name')}."
        rows = [*paper["checked"], *paper["others"]]
        tables.append(table(f"statements-{key}", caption, rows, FACT_FIELDS))
    return tables


def _explain(
    keys: Sequence[str], layout: Mapping[str, Any], numbers: Mapping[str, Number]
) -> list[str]:
    """Say what the marks of p and the findings of these claims mean, where they need it."""
    marks = {layout["marks"].get(key) for key in keys}
    shown = [look_up(numbers, f"{key}.finding_word") for key in keys]
    notes = layout["notes"]
    said = [
        f"{note['mark']} {write_pieces(note['words'], numbers)}"
        for note in notes["marks"]
        if note["mark"] in marks
    ]
    return said + [
        write_pieces(note["words"], numbers)
        for note in notes["ways"]
        if any(word.startswith(note["way"]) for word in shown)
    ]


def _plain(text: str) -> str:
    return " ".join(text.split()).translate(MARKDOWN)


def _latex(text: str) -> str:
    r"""Give a text that LaTeX prints as it stands.

    >>> _latex("R&D_1 at 5 %: −2 < x")
    'R\\&D\\_1 at 5 \\%: $-$2 $<$ x'
    """
    return " ".join(text.split(" ")).translate(_LATEX)
