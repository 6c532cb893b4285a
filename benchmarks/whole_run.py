"""Time what a reader waits for: the whole study, and ten thousand paths of one claim.

Wall-clock seconds on two processes: runs of a copy of the study from nothing, with rates and flips
of the record at hand, with its views (looks, paths) as well, as whoever takes the study over has
them, and with nothing changed; then 10,000 ways to lay out one claim, with their joint p. Run by
`make bench`.
"""

import json
import resource
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.calibration.law import simulate_errors
from analysis.calibration.multiverse import Path as Way
from analysis.calibration.multiverse import ask_all_paths
from analysis.calibration.size_table import null_design
from analysis.calibration.steps import calibrate_steps
from analysis.calibration.store import LawShelf
from analysis.design.steps import steps_design
from analysis.paths import StudyPaths
from analysis.replication.record import run_and_record
from analysis.replication.replicate import copy_study

JOBS = 2
WAYS = 10_000


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def time_runs(root: Path) -> None:
    """Four runs of one copy of the study."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "study"
        copy_study(root, copy)
        paths = StudyPaths(copy)
        kept = {
            "from nothing": (),
            "with rates and flips": (paths.calibration,),
            "with views as well": (paths.calibration, paths.views),
            "with nothing changed": tuple(paths.build.glob("*.json")),
        }
        for words, files in kept.items():
            if words != "with nothing changed":
                paths.stamp.unlink(missing_ok=True)
                for path in {*paths.build.glob("*.json")} - {*files}:
                    path.unlink()
            start = time.perf_counter()
            run_and_record(copy, jobs=JOBS)
            say(f"  {words:26} {time.perf_counter() - start:7.1f} s")
        number = len(json.loads(paths.verdicts.read_text(encoding="utf-8"))["verdicts"])
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    say(f"  {number} verdicts on {JOBS} processes; {used:.1f} GB at most in the first of them")


def time_paths() -> None:
    """Ten thousand paths of one claim: start, end, date, trend, errors, transform and digits."""
    years = np.arange(1992, 2023)
    design = null_design(1992)
    errors = simulate_errors(design.layout, rho=0.6, kappa=1.0, seed=1, stream="ways", series=1)
    series = pd.Series(50 + errors[0], index=years, name="made")
    main = calibrate_steps(
        steps_design(series, {"pivot": 2012}), LawShelf(seed=1, series=2_000), draws=999
    )
    start = time.perf_counter()
    ways = [Way("main", {}, main.design, 0, "none")]
    choices = product(
        range(1992, 1998), range(2017, 2023), range(2003, 2014), ("none", "linear", "quadratic"),
        ("ar1", "ar1-constant"), ("none", "log", "sqrt38"), (2, 3),
    )  # fmt: skip
    for number, (first, last, onset, trend, errors_of, transform, values) in enumerate(choices):
        if len(ways) == WAYS:
            break
        seen = series.loc[first:last].round(values)
        moved = {"none": seen, "log": np.log(seen), "sqrt38": np.sqrt(seen + 0.375)}[transform]
        way = steps_design(moved, {"pivot": onset}, trend=trend, error_model=errors_of)
        ways.append(Way(f"way {number}", {}, way, 0, transform))
    told = ask_all_paths(main, ways, series, alternative="greater", seed=1, draws=999)
    say(
        f"  {len(ways):,} paths laid out, fitted and set against 999 series without an effect: "
        f"{time.perf_counter() - start:.1f} s; joint p {told.joint_p:.3f}"
    )


def main() -> None:
    say("The whole study, seconds on the clock")
    time_runs(Path())
    say("A multiverse")
    time_paths()


if __name__ == "__main__":
    main()
