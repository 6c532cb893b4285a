"""Write docs/error-rates.md from the stored tables of error rates.

Run as `python -m analysis.calibration.size_page`; `make size` and `make studies` do that too.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

TABLES = Path("reports/size")
PAGE = Path("docs/error-rates.md")
HIGHEST = 0.065
CALIBRATED = (
    "where the size measured on the study's own series is above 7.5 %, the p maximised over the "
    "interval of the autocorrelation decides"
)
GUARDS: Mapping[str, str] = {
    "steps": CALIBRATED,
    "kink": "from an autocorrelation of .5 on, the maximised p decides",
    "lags": CALIBRATED,
    "date_set": (
        "where it errs in more than 7.5 % around smooth curves fitted to the series, the largest p "
        "over these worlds decides"
    ),
    "break_date": CALIBRATED,
    "order": "p is 1 unless a staircase has the lowest AICc; the size counts smooth curves too",
    "counts": CALIBRATED,
    "shares": CALIBRATED,
    "gap": CALIBRATED,
    "equivalence": "none; the claim needs both one-sided tests",
    "firsts": "the largest p over even, paired and smooth histories decides above 7.5 %",
    "relation": "two companions have to agree",
    "nonnested": "p is 1 where the model without the rival is rejected at 10 %",
    "mediation": "capped: at most `consistent`, because a shared shock passes for a path",
    "bounds": "three tests have to reject",
}
TESTS: Mapping[str, str] = {
    "kink": "bend of the trend",
    "lags": "step that arrives over years",
    "date_set": "set of dates",
    "break_date": "step at an unknown date",
    "order": "order of stages",
    "counts": "steps of counts",
    "shares": "steps of shares",
    "gap": "gap to comparison units",
    "equivalence": "too small to matter",
    "firsts": "first events",
    "relation": "relation",
    "nonnested": "rival exposures",
    "mediation": "mediation",
    "bounds": "long-run relation",
}
USUAL = ("OLS, largest", "Newey-West, largest")
HEAD = """\
# Error rates

How often each test that decides a claim finds something where nothing is there. The page is
written by `make size` and `make studies` from the tables in `reports/size/`; every number on it is
read from there. Series of 21, 25 and 31 years end in 2022, steps lie in 2012, 2014 and 2017,
errors are AR(1) with autocorrelation 0, .3, .6 and .8 and an innovation sd that is constant or
doubles in 2012. Tests are one-sided at 5 %, with a linear trend where the model has one; rates are
in %.
"""


def write_page(tables: Path = TABLES, page: Path = PAGE) -> None:
    """Write the page, beside and renamed."""
    beside = page.with_suffix(".part")
    beside.write_text(error_rates_page(tables), encoding="utf-8")
    beside.replace(page)


def error_rates_page(tables: Path) -> str:
    """The page that belongs to the tables in a folder."""
    steps, others = (pd.read_csv(tables / f"{name}.csv") for name in ("steps", "others"))
    parts = [HEAD, _steps(steps), _others(others), _weak_spots(steps, others)]
    studies = tables / "studies.csv"
    if studies.exists():
        parts.append(_studies(pd.read_csv(studies)))
    return "\n".join(parts)


def _steps(table: pd.DataFrame) -> str:
    rows = []
    kinds = {
        "one step of three": ~table["term"].isin(["total", "joint"]),
        "total of three": table["term"] == "total",
        "joint F": table["term"] == "joint",
    }
    for kappa, spread in ((1.0, "constant"), (2.0, "doubles")):
        for kind, chosen in kinds.items():
            cells = table[chosen & (table["kappa"] == kappa)]
            cover = cells["coverage"].dropna()
            covered = _range(cover) if len(cover) else "none"
            usual = cells[["ols", "newey_west"]].max()
            others = [_percent(value) if value == value else "-" for value in usual]
            rows.append([kind, spread, len(cells), _range(cells["calibrated"]), covered, *others])
    head = ["term", "innovation sd", "cells", "size", "coverage", *USUAL]
    number, error = f"{int(table['series'].min()):,}", _percent(table["mc_error"].mean(), 2)
    return f"""\
## Dated steps

{number} series a cell; the Monte Carlo error of a rate is about {error}. Coverage is that of the
95 % interval, with autocorrelation, sd ratio and level found anew in each series. Guard:
{CALIBRATED}.

{_table(head, rows)}
"""


def _others(table: pd.DataFrame) -> str:
    rows = []
    for test in TESTS:
        chosen = table[table["test"] == test]
        for (variant, world), cells in chosen.groupby(["variant", "world"], sort=False):
            constant, doubled = (cells[cells["kappa"] == kappa] for kappa in (1.0, 2.0))
            decided = cells["decided"].dropna()
            rows.append(
                [
                    TESTS[test],
                    variant,
                    world,
                    f"{int(cells['series'].min()):,}",
                    _range(constant["size"]),
                    _range(doubled["size"]) if len(doubled) else "-",
                    _range(decided) if len(decided) else "",
                    _percent(cells["mc_error"].max(), 2),
                ]
            )
    guards = "\n".join(f"- {TESTS[test]}: {GUARDS[test]}." for test in TESTS)
    head = [
        "test",
        "what",
        "world",
        "series",
        "sd constant",
        "sd doubles",
        "decided",
        "largest MC error",
    ]
    return f"""\
## The other tests

Smallest and largest size over years and autocorrelations. "line" is a straight line; the S-curve
rises by 4 sd around 2014, the bend by 4 sd from 2012 on: nothing jumps in either. "decided" is the
rate of the p that decides where a guard acts within the series. Exposures are drawn once and held;
those rates are means over 12 of them.

{_table(head, rows)}

What guards each:

{guards}
"""


def _weak_spots(steps: pd.DataFrame, others: pd.DataFrame) -> str:
    lines = []
    wide = steps[(steps["calibrated"] > HIGHEST)]
    for term, cells in wide.groupby("term", sort=False):
        worst = cells.iloc[int(cells["calibrated"].argmax())]
        lines.append(_spot(f"steps, {term}", len(cells), worst, "calibrated"))
    short = steps[~steps["coverage"].between(0.935, 0.965) & steps["coverage"].notna()]
    for term, cells in short.groupby("term", sort=False):
        worst = cells.iloc[int((cells["coverage"] - 0.95).abs().argmax())]
        lines.append(
            f"- interval of {term}: covers {_percent(worst['coverage'])} at {_place(worst)}; "
            f"{len(cells)} cells outside 93.5-96.5."
        )
    for (test, variant, world), cells in others[others["size"] > HIGHEST].groupby(
        ["test", "variant", "world"], sort=False
    ):
        worst = cells.iloc[int(cells["size"].argmax())]
        name = f"{TESTS[str(test)]}, {variant}, {world}"
        lines.append(_spot(name, len(cells), worst, "size"))
    listed = "\n".join(lines) if lines else "None."
    return f"""\
## Weak spots

Every test with a size above {_percent(HIGHEST)} somewhere on the grid with its largest, and every
interval that covers too seldom; the guards stand above.

{listed}
"""


def _spot(name: str, cells: int, worst: pd.Series, column: str) -> str:
    more = f"; {cells} cells above {_percent(HIGHEST)}" if cells > 1 else ""
    return f"- {name}: {_percent(worst[column])} at {_place(worst)}{more}."


def _place(row: pd.Series) -> str:
    years = 2022 - int(row["first_year"]) + 1
    spread = "constant sd" if row["kappa"] == 1 else "doubled sd"
    return f"{years} years, rho {row['rho']:g}, {spread}"


def _studies(table: pd.DataFrame) -> str:
    number = int(table["studies"].max())
    words = list(dict.fromkeys(table.loc[table["scope"] != "design", "world"]))
    single = table[(table["measure"] == "any supported") & (table["world"].isin(words))]
    rows = []
    for (scope, name), cells in single.groupby(["scope", "name"], sort=False):
        by_world = cells.set_index("world")
        shares = [
            " ± ".join(_percent(by_world.loc[world, each]) for each in ("share", "mc_error"))
            if world in by_world.index
            else "-"
            for world in words
        ]
        rows.append([SCOPES[str(scope)], name, int(cells["claims"].max()), *shares])
    placebos = table[(table["scope"] == "placebos")].set_index("world")
    rows.append(
        [
            "each placebo claim, uncorrected",
            "",
            int(placebos["claims"].max()),
            *(_percent(placebos.loc[world, "share"]) for world in words),
        ]
    )
    planted = table[table["scope"] == "design"]
    found = [
        [
            design,
            int(cells["claims"].max()),
            *(
                _percent(float(cells.loc[cells["measure"] == measure, "share"].iloc[0]))
                for measure in ("stated power", "found alone", "supported")
            ),
        ]
        for design, cells in planted.groupby("name", sort=False)
    ]
    return f"""\
## Whole studies in which nothing happens

{number} studies: every outcome drawn anew around a straight line, every claim tested, the whole
rule applied (families, gates, looks, gaps, placebos). A family's number is the share of studies in
which any of its claims is `supported`, the nominal level 5 %. Worlds: `line` straight lines;
`spread` with the change of spread as fitted; `trend` a further line of 3 sd; `s_curve` 4 sd around
2014; `kink` 4 sd from 2012 on. Claims of trends are true in such worlds and are left out. A smooth
rise is no step, yet a single-step claim cannot tell the two apart for sure; what may not pass for
one is a staircase (staged escalation).

{_table(["what", "family", "claims", *words], rows)}

Planted, each claim in a copy of its series with an effect of 3 sd (the sd that the study prints):
power as stated for that effect on the study's own series, share found by the test alone at 5 %,
and share `supported` by the whole rule, with its corrections, gates and looks.

{_table(["design", "claims", "stated power", "found alone", "supported"], found)}
"""


SCOPES: Mapping[str, str] = {
    "family": "claims that decide",
    "beside": "claims shown beside",
    "staged": "staged escalation",
    "study": "whole study",
}


def _range(shares: pd.Series) -> str:
    low, high = _percent(shares.min()), _percent(shares.max())
    return low if low == high else f"{low}-{high}"


def _percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines: list[Sequence[object]] = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def main() -> None:
    write_page()
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
