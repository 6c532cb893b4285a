"""Measure the leaderboard anew: `make leaderboard`, some ten minutes on two cores.

Writes `reports/leaderboard/*.csv`, the picture and `docs/leaderboard.md`.
"""

import sys
import time

from analysis.errors import UsageError
from benchmarks.leaderboard.packages import ask_packages, compare
from benchmarks.leaderboard.page import write_page
from benchmarks.leaderboard.picture import write_picture
from benchmarks.leaderboard.rates import measure_all
from benchmarks.leaderboard.table import AGREEMENT, RATES, TURNER, Agreement, Rate, write_rows
from benchmarks.leaderboard.turner import Turned, measure_turner

JOBS = 2


def main() -> None:
    start = time.perf_counter()

    def say(text: str) -> None:
        sys.stdout.write(f"{time.perf_counter() - start:5.0f} s  {text}\n")
        sys.stdout.flush()

    try:
        versions, reported = ask_packages()
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
    write_rows(compare(versions, reported), Agreement, AGREEMENT)
    say("formulas compared with the packages")
    write_rows(measure_all(versions, JOBS), Rate, RATES)
    say("rates measured")
    write_rows(measure_turner(JOBS), Turned, TURNER)
    say("design of Turner et al. measured")
    write_picture()
    write_page()
    say("picture and page written")


if __name__ == "__main__":
    main()
