"""A complete study small enough to check by eye: Japan and the United States, 1990-2022.

Exports of Japan to the United States rise by 2 a year from 100 in 1990, and by 30 more in 2010,
when a treaty is signed; visits rise by 1 every four years, and nothing else ever happens to them.
A wiggle from -5 to 5 that repeats every eleven years lies over the exports.
"""

import csv
from pathlib import Path

YEARS = range(1990, 2023)
ATLAS_2020_LAST = 2018  # the older vintage of the atlas ends here and lies 1 lower

SETTINGS = """\
title = "Did a treaty bring Japan and the United States together?"
authors = ["A. Author", "B. Author"]
period = [1990, 2022]
alpha = 0.05
seed = 7
multiplicity = "holm"
"""

REFERENCES = """\
@misc{atlas-2020, title = {Atlas of Trade}, year = {2020}}
@misc{atlas-2024, title = {Atlas of Trade}, year = {2024}}
@misc{diary, title = {Diary of Visits}, year = {2023}}
@article{author2021, title = {Treaties and Trade}, year = {2021}}
"""

SOURCES = f"""\
source,producer,title,version,url,licence,accessed,file,sha256
atlas-2020,Atlas Office,Atlas of Trade,2020,https://example.org/atlas,CC BY 4.0,2021-02-03,a20.csv,{"0" * 64}
atlas-2024,Atlas Office,Atlas of Trade,2024,https://example.org/atlas,CC BY 4.0,2024-12-31,a24.csv,{"ab" * 32}
diary,A. Author,Diary of Visits,2023,,CC BY 4.0,,,
"""  # noqa: E501

UNITS = """\
unit,name,kind,side_a,side_b,first_year,last_year,note
JPN,Japan,state,,,1952,,
JPN-USA,Japan and the United States,dyad,JPN,USA,1952,,
JPN>USA,Japan to the United States,directed_dyad,JPN,USA,1952,,
OECD,Members of the OECD,group,,,1961,,
USA,United States,state,,,,,
"""

CODEBOOK = """\
variable,label,construct,component,measured_in,scale,higher_means,lower_bound,upper_bound,sources,coverage_first,coverage_last,derived_from,note
exports_usd,Exports,cooperation,trade,million USD,amount,more trade,0,,atlas-2024;atlas-2020,1990,2022,,
members_count,Members,control,,states,count,a larger club,0,60,diary,1990,2022,,
visits_count,State visits,cooperation,diplomacy,visits,count,more contact,0,,diary,1990,2022,,
votes_agreement_share,Agreement in votes,cooperation,votes,share of votes,share,closer views,0,1,diary,1990,2022,,
"""  # noqa: E501

EVENTS = """\
event,unit,date,date_precision,kind,domain,first_of_kind,value,unit_of_value,status,source,locator,note
exercise-2011,JPN-USA,2011-05-02,day,exercise,sea,yes,3,ships,reported,diary,p. 4,
treaty-2010,JPN-USA,2010-03,month,treaty,,no,,,reported,diary,p. 3,
"""

JUNCTURES = """\
juncture,label,role,date,onset,end,target,source,rationale
accord,Accord on standards,claimed,2013-09-01,2014,,JPN;USA,diary,
quiet,A day without news,placebo,2001-04-05,2001,,,author2021,
treaty,Treaty of trade,claimed,2010-03-01,2010,2020-12-31,JPN,diary,
treaty-announced,Announcement of the treaty,alternate,2008-11-01,2008,,,diary,The markets knew at once.
"""  # noqa: E501

CLAIMS = """\
claim,paper,locator,statement,operation,series,units,years,comparison,bound,expected,source
C01,author2021,p. 9,Exports were above 100 in every year from 2010.,minimum,exports_usd,JPN>USA,2010:2022,>,100,true,atlas-2024
"""  # noqa: E501

COMMON = """\
paper = "author2021"
locator = "section 2"
placebos = []
declared = 2026-01-31
"""

ESTIMATE = """\
comparison = []
exposure = ""
controls = []
alternative = "greater"
alpha = 0.05
effect_unit = "sd"
smallest_effect = 1.0
claimed_effect = 2.0
"""

HYPOTHESES = f"""\
# What the paper says about the treaty, and what would be seen if it were so.

[[hypothesis]]
id = "T-1.exports"
claim = "After the treaty of 2010 the level of exports stepped up."
{COMMON.replace("[]", '["T-9.visits"]')}{ESTIMATE}design = "steps"
outcome = "exports_usd"
transform = "log"
units = ["JPN>USA"]
junctures = ["treaty", "accord"]
term = "treaty"
family = "A"
gate = ""
role = "primary"

[[hypothesis.look]]
name = "vintage 2020"
source = "atlas-2020"

[[hypothesis.look]]
name = "announcement, no trend"
junctures = ["treaty-announced", "accord"]
trend = "none"

[[hypothesis]]
id = "T-2.visits"
claim = "After the treaty of 2010 visits became more frequent."
{COMMON}{ESTIMATE}design = "steps"
outcome = "visits_count"
transform = "sqrt38"
trend = "linear"
period = [1991, 2022]
units = ["JPN-USA"]
junctures = ["treaty"]
term = "treaty"
family = "A"
gate = "T-1.exports"
role = "secondary"

[[hypothesis]]
id = "T-3.both"
claim = "Both rose."
{COMMON}design = "all_of"
members = ["T-1.exports", "T-2.visits"]
family = "B"
gate = ""
role = "secondary"

[[hypothesis]]
id = "T-4.level"
claim = "C01"
{COMMON}design = "fact"
family = "D"
gate = ""
role = "descriptive"

[[hypothesis]]
id = "T-5.motive"
claim = "The treaty was signed out of friendship."
{COMMON}design = "none"
reason = "No instrument measures friendship."
family = "D"
gate = ""
role = "secondary"

[[hypothesis]]
id = "T-9.visits"
claim = "In 2001, when nothing happened, visits became more frequent."
{COMMON}{ESTIMATE}design = "steps"
outcome = "visits_count"
transform = "sqrt38"
units = ["JPN-USA"]
junctures = ["quiet"]
term = "quiet"
family = "P"
gate = ""
role = "placebo"
"""


def exports(year: int) -> int:
    """Exports in the newer vintage."""
    return 100 + 2 * (year - 1990) + (30 if year >= 2010 else 0) + (7 * year) % 11 - 5


def visits(year: int) -> int:
    return (year - 1990) // 4


def observations() -> list[list[object]]:
    """Sorted rows; visits of 2020 are missing, the members of 2022 are recalled."""
    rows: list[list[object]] = []
    for year in YEARS:
        rows.append(["JPN>USA", year, "exports_usd", exports(year), "reported", "atlas-2024"])
        if year <= ATLAS_2020_LAST:
            rows.append(
                ["JPN>USA", year, "exports_usd", f"{exports(year) - 1}.0", "reported", "atlas-2020"]
            )
        if year == 2020:
            rows.append(["JPN-USA", year, "visits_count", "", "missing", "diary"])
        else:
            rows.append(["JPN-USA", year, "visits_count", visits(year), "computed", "diary"])
        rows.append(
            ["JPN-USA", year, "votes_agreement_share", f"0.{50 + year % 10}", "reported", "diary"]
        )
        status = "recalled" if year == 2022 else "reported"
        rows.append(["OECD", year, "members_count", 24 + (year - 1990) // 3, status, "diary"])
    placed = [[*row, "" if row[4] == "missing" else f"table 1, {row[1]}", ""] for row in rows]
    return sorted(placed, key=lambda row: (row[0], row[1], row[2], row[5]))


def write_toy_study(path: Path) -> Path:
    """Write the toy study into the folder `path` and give it back."""
    (path / "data").mkdir(parents=True, exist_ok=True)
    texts = {
        "study.toml": SETTINGS,
        "data/references.bib": REFERENCES,
        "data/sources.csv": SOURCES,
        "data/units.csv": UNITS,
        "data/codebook.csv": CODEBOOK,
        "data/events.csv": EVENTS,
        "data/junctures.csv": JUNCTURES,
        "data/claims.csv": CLAIMS,
        "data/hypotheses.toml": HYPOTHESES,
    }
    for file, text in texts.items():
        (path / file).write_text(text, encoding="utf-8", newline="\n")
    with (path / "data/observations.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(
            ["unit", "year", "variable", "value", "status", "source", "locator", "note"]
        )
        writer.writerows(observations())
    return path
