"""Measure every stored false-positive rate again and write tables and page (`make size`)."""

import sys

from analysis.calibration import size_others, size_page, size_table
from analysis.calibration.size_relations import RELATIONS
from analysis.calibration.store import LawShelf


def main() -> None:
    steps = size_table.measure_table(LawShelf(seed=size_table.SEED, jobs=-1))
    size_table.write_table(steps, size_table.TABLE)
    sys.stdout.write(f"{len(steps)} cells: {size_table.TABLE}\n")
    others = size_others.measure_others({**size_others.MEASURES, **RELATIONS}, jobs=-1)
    size_others.write_others(others, size_others.TABLE)
    sys.stdout.write(f"{len(others)} cells: {size_others.TABLE}\n")
    size_page.write_page()


if __name__ == "__main__":
    main()
