"""A picture of which variable has values in which year."""

from __future__ import annotations

from html import escape

import pandas as pd

SEEN, RECALLED, NONE = "#0072B2", "#E69F00", "#F0F0F0"  # distinct for the colour-blind
CELL, LEFT, TOP, FONT = 12, 330, 60, 10


def draw_coverage(observations: pd.DataFrame, codebook: pd.DataFrame) -> str:
    """Give an SVG with a row for each variable, by construct, and a column for each year.

    A cell is full where some unit has a value with a source, marked where every value of the
    year is recalled, and pale where there is none.
    """
    valued = observations[observations["value"] != ""]
    years = range(int(valued["year"].min()), int(valued["year"].max()) + 1)
    seen = _pairs(valued[valued["status"] != "recalled"])
    any_value = _pairs(valued)
    parts = [_draw_year(column, year) for column, year in enumerate(years)]
    ordered = codebook.sort_values(["construct", "variable"], kind="stable")
    rows = list(zip(ordered["construct"], ordered["variable"], strict=True))
    for line, (construct, variable) in enumerate(rows):
        is_first = line == 0 or rows[line - 1][0] != construct
        parts.append(_draw_label(line, str(construct) if is_first else "", str(variable)))
        for column, year in enumerate(years):
            key = (str(variable), year)
            fill = SEEN if key in seen else RECALLED if key in any_value else NONE
            parts.append(_draw_cell(line, column, fill))
    return _wrap(parts, len(years), len(rows))


def _pairs(observations: pd.DataFrame) -> set[tuple[str, int]]:
    pairs = observations[["variable", "year"]].drop_duplicates().itertuples(index=False, name=None)
    return {(str(variable), int(year)) for variable, year in pairs}


def _draw_year(column: int, year: int) -> str:
    x = LEFT + column * CELL + CELL - 2
    label = f'<text transform="translate({x} {TOP - 6}) rotate(-90)">{year}</text>'
    return label if year % 2 == 0 else ""


def _draw_label(line: int, construct: str, variable: str) -> str:
    y = TOP + line * CELL + CELL - 2
    heading = f'<text x="4" y="{y}" font-weight="bold">{escape(construct)}</text>'
    name = f'<text x="{LEFT - 6}" y="{y}" text-anchor="end">{escape(variable)}</text>'
    return (heading if construct else "") + name


def _draw_cell(line: int, column: int, fill: str) -> str:
    x, y = LEFT + column * CELL, TOP + line * CELL
    return f'<rect x="{x}" y="{y}" width="{CELL - 1}" height="{CELL - 1}" fill="{fill}"/>'


def _wrap(parts: list[str], n_years: int, n_rows: int) -> str:
    width, height = LEFT + n_years * CELL + 10, TOP + n_rows * CELL + 10
    legend = "".join(
        f'<rect x="{x}" y="8" width="11" height="11" fill="{fill}"/>'
        f'<text x="{x + 16}" y="17">{word}</text>'
        for x, fill, word in (
            (4, SEEN, "a value with a source"),
            (140, RECALLED, "recalled only"),
            (240, NONE, "none"),
        )
    )
    body = "\n".join(part for part in [legend, *parts] if part)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="{FONT}" role="img">\n'
        "<title>Years with values, by variable</title>\n"
        f'<rect width="{width}" height="{height}" fill="#FFFFFF"/>\n{body}\n</svg>\n'
    )
