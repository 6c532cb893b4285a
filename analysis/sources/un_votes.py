"""Agreement of two states in the roll calls of the UN General Assembly.

Of the votes in which both said yes, abstained or said no: the share with the same answer, and
Cohen's kappa, which takes out what two states with their habits would agree on by chance. In
most years most states vote with the majority, so the share is high for nearly every pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, dyad
from analysis.sources.rows import read_rows
from analysis.sources.selection import is_central, is_studied

AGREEMENT = "unga/agreement_core_dyads_1990_2024.csv.gz"
MIRROR = "unga/crosscheck_unvotes_chn_rus_1990_2020.csv"
# 2024 has six votes so far, and a state in arrears or just admitted has few: with 20 votes the
# standard error of a share is .11 at worst, about the yearly spread of the China-Russia series.
MIN_JOINT_VOTES = 20
VARIABLES = {
    "agree_identical": "un_votes_agreement_share",
    "kappa_nominal": "un_votes_agreement_kappa",
}


def read_agreement(raw: Path) -> Iterator[Observation]:
    """Share of identical votes of every pair, and kappa where a state of the centre is in it."""
    columns = ("iso3_a", "iso3_b", "year", "n_joint_votes", *VARIABLES)
    for row in read_rows(raw, AGREEMENT, columns):
        side_a, side_b = row.text("iso3_a"), row.text("iso3_b")
        n_votes = row.whole("n_joint_votes")
        year = row.whole("year")
        if not is_studied(side_a, side_b, year) or n_votes < MIN_JOINT_VOTES:
            continue
        for column, variable in VARIABLES.items():
            if column == "kappa_nominal" and not is_central(side_a, side_b, year):
                continue
            yield Observation(
                unit=dyad(side_a, side_b, year),
                year=year,
                variable=variable,
                value=row.number(column),
                status="computed",
                source="voeten-2024",
                locator=row.locate("iso3_a", "iso3_b", "year", column=column),
            )


def read_mirror(raw: Path) -> Iterator[Observation]:
    """The same share for China and Russia from another copy of the roll calls."""
    for row in read_rows(raw, MIRROR, ("year", "agree_identical_chn_rus", "n")):
        year, n_votes = row.whole("year"), row.whole("n")
        if n_votes >= MIN_JOINT_VOTES:
            yield Observation(
                unit=dyad("CHN", "RUS", year),
                year=year,
                variable="un_votes_agreement_share",
                value=row.number("agree_identical_chn_rus"),
                status="computed",
                source="unvotes",
                locator=row.locate("year", column="agree_identical_chn_rus"),
                note=f"{n_votes} joint votes",
            )
