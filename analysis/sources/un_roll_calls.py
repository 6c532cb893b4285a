"""The roll calls of the UN General Assembly as published: one row a state and vote.

From them comes what the study holds: for each pair and year the votes in which both said yes,
abstained or said no, the share with the same answer, and Cohen's kappa.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.sources.reshaped import Reshaped, check_columns, unknown_layout
from analysis.sources.selection import FIRST_YEAR, STATES

WHAT = "The table of roll calls"
COLUMNS = ("rcid", "Country", "year", "vote")
ANSWERS = (1, 2, 3)  # yes, abstain, no; 8 is absent, 9 not a member
DIGITS = 5


def reshape_roll_calls(path: Path) -> Reshaped:
    """Agreement of every pair of the thirty states in each year from 1990 on."""
    votes = _read_votes(path)
    rows = [row for year, group in votes.groupby("year") for row in _compare_pairs(year, group)]
    if not rows:
        raise unknown_layout(WHAT, f"has no votes of the states of the study from {FIRST_YEAR} on")
    return Reshaped(pd.DataFrame(rows))


def read_separated(path: Path, wanted: tuple[str, ...], what: str) -> pd.DataFrame:
    """Read text separated by tabs or commas, whichever its first line has, every cell as text."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            separator = "\t" if "\t" in file.readline() else ","
        head = pd.read_csv(path, sep=separator, nrows=0, encoding="utf-8-sig")
        check_columns(head.columns, wanted, what)
        return pd.read_csv(
            path, sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig"
        )
    except ValueError as error:
        raise unknown_layout(what, f"is not a table of text ({error})") from error


def _read_votes(path: Path) -> pd.DataFrame:
    table = read_separated(path, COLUMNS, WHAT)
    table = table.loc[table["Country"].isin(list(STATES)), list(COLUMNS)]
    numbers = table[["year", "vote"]].apply(pd.to_numeric, errors="coerce")
    votes = table.assign(year=numbers["year"], vote=numbers["vote"])
    return votes[(votes["year"] >= FIRST_YEAR) & votes["vote"].isin(ANSWERS)].astype({"year": int})


def _compare_pairs(year: object, votes: pd.DataFrame) -> Iterator[dict[str, object]]:
    grid = votes.drop_duplicates(["Country", "rcid"], keep="last").pivot(
        index="Country", columns="rcid", values="vote"
    )
    given = [(grid == answer).to_numpy(dtype=float) for answer in ANSWERS]
    took_part = np.sum(given, axis=0)
    joint = took_part @ took_part.T
    same = np.sum([answer @ answer.T for answer in given], axis=0)
    # Entry (a, b): how often a gave this answer in the votes it shares with b.
    often = [answer @ took_part.T for answer in given]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = same / joint
        by_chance = np.sum([each * each.T for each in often], axis=0) / joint**2
        kappa = (share - by_chance) / (1 - by_chance)
    states = list(grid.index)
    for a, b in combinations(range(len(states)), 2):
        if joint[a, b]:
            yield {
                "iso3_a": states[a],
                "iso3_b": states[b],
                "year": year,
                "n_joint_votes": int(joint[a, b]),
                "agree_identical": round(float(share[a, b]), DIGITS),
                "kappa_nominal": round(float(kappa[a, b]), DIGITS),
            }
