"""Two hundred faults planted at random in copies of the first study: each is found each time."""

import csv
import io
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.records import check_study

ROOT = Path(__file__).parent.parent
KEPT = {"CHN", "RUS", "USA", "NATO", "CHN-RUS", "RUS>CHN"}  # units; the copy stays small
OBSERVATIONS, CODEBOOK, UNITS = "observations.csv", "codebook.csv", "units.csv"
EVENTS, JUNCTURES, SOURCES = "events.csv", "junctures.csv", "sources.csv"
Table = list[dict[str, str]]
Mutation = Callable[[random.Random, Table], tuple[Table, str]]
TIMES = 10


def read(path: Path) -> Table:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def write(path: Path, table: Table) -> None:
    lines = io.StringIO()
    writer = csv.DictWriter(lines, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    path.write_text(lines.getvalue(), "utf-8")


@pytest.fixture(scope="module")
def small_study(tmp_path_factory) -> Path:
    """The first study with the observations of a few units only."""
    root = tmp_path_factory.mktemp("mutations") / "study"
    shutil.copytree(ROOT / "data", root / "data", ignore=shutil.ignore_patterns("derived"))
    shutil.copy(ROOT / "study.toml", root / "study.toml")
    kept = KEPT | {row["unit"] for row in read(root / "data" / "composites.csv")}
    table = read(root / "data" / OBSERVATIONS)
    write(root / "data" / OBSERVATIONS, [row for row in table if row["unit"] in kept])
    return root


def in_cell(column: str, wrong: str, words: str, where: dict[str, str] | None = None) -> Mutation:
    """Put `wrong` into the column of a random row that has the given cells."""

    def mutate(rng: random.Random, table: Table) -> tuple[Table, str]:
        fits = [n for n, row in enumerate(table) if (where or {}).items() <= row.items()]
        chosen = rng.choice([n for n in fits if table[n][column]])
        changed = {**table[chosen], column: wrong}
        return [*table[:chosen], changed, *table[chosen + 1 :]], words

    return mutate


def misspelt(column: str, words: str) -> Mutation:
    """Double a letter of a name in a random row."""

    def mutate(rng: random.Random, table: Table) -> tuple[Table, str]:
        chosen = rng.randrange(len(table))
        name = table[chosen][column]
        place = rng.randrange(1, len(name))
        wrong = name[:place] + name[place - 1] + "q" + name[place:]
        rows = [*table[:chosen], {**table[chosen], column: wrong}, *table[chosen + 1 :]]
        return rows, words.format(wrong=wrong)

    return mutate


def doubled(rng: random.Random, table: Table) -> tuple[Table, str]:
    chosen = rng.randrange(len(table))
    return [*table[: chosen + 1], *table[chosen:]], "stands already in row"


def swapped(rng: random.Random, table: Table) -> tuple[Table, str]:
    chosen = rng.randrange(len(table) - 1)
    pair = [table[chosen + 1], table[chosen]]
    return [*table[:chosen], *pair, *table[chosen + 2 :]], "sort the rows by"


def emptied(column: str) -> Mutation:
    return in_cell(column, "", "blank")


COUNT = {"variable": "joint_exercises_count"}
SHARE = {"variable": "un_votes_agreement_share"}
MUTATIONS: dict[str, tuple[str, Mutation]] = {
    "negative count": (OBSERVATIONS, in_cell("value", "-4", "is below 0", COUNT)),
    "broken count": (OBSERVATIONS, in_cell("value", "2.5", "is not a whole number", COUNT)),
    "share above one": (OBSERVATIONS, in_cell("value", "1.5", "is above 1", SHARE)),
    "text in a number": (OBSERVATIONS, in_cell("value", "n/a", '"n/a" is not a number')),
    "no status": (OBSERVATIONS, in_cell("status", "sure", '"sure" is not a status')),
    "no year": (OBSERVATIONS, in_cell("year", "19x5", '"19x5" is not a year')),
    "outside the coverage": (OBSERVATIONS, in_cell("year", "1890", "1890")),
    "unknown unit": (OBSERVATIONS, misspelt("unit", 'the unit "{wrong}" is not listed')),
    "unknown variable": (OBSERVATIONS, misspelt("variable", '"{wrong}" is not listed')),
    "unknown source": (OBSERVATIONS, misspelt("source", 'the source "{wrong}" is not listed')),
    "row twice": (OBSERVATIONS, doubled),
    "rows out of order": (OBSERVATIONS, swapped),
    "no locator": (OBSERVATIONS, in_cell("locator", "", "cannot be found again",
                                          {"status": "reported"})),
    "codebook scale": (CODEBOOK, in_cell("scale", "ordinal", '"ordinal" is not a scale')),
    "codebook source": (CODEBOOK, in_cell("sources", "nobody", '"nobody" is not listed')),
    "unit kind": (UNITS, in_cell("kind", "alliance", '"alliance" is not a kind')),
    "event date": (EVENTS, in_cell("date", "2011-02-30", '"2011-02-30" is not a date')),
    "juncture outside the data": (JUNCTURES, in_cell("onset", "1890", "outside the data")),
    "juncture role": (JUNCTURES, in_cell("role", "guess", '"guess" is not a role')),
    "source without licence": (SOURCES, emptied("licence")),
}  # fmt: skip


def test_the_copy_without_a_fault_has_none(small_study):
    assert check_study(small_study) == ()


@pytest.mark.parametrize("kind", MUTATIONS)
def test_a_planted_fault_is_found_each_time(kind, small_study):
    file, mutate = MUTATIONS[kind]
    path = small_study / "data" / file
    whole, table = path.read_bytes(), read(path)
    rng = random.Random(kind)
    try:
        for _ in range(TIMES):
            changed, words = mutate(rng, table)
            write(path, changed)
            faults = [str(fault) for fault in check_study(small_study)]
            assert any(words in fault and file in fault for fault in faults), (words, faults[:3])
    finally:
        path.write_bytes(whole)


def test_there_are_two_hundred():
    assert len(MUTATIONS) * TIMES >= 200
