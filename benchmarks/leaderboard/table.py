"""One row a measured rate, as it stands in `reports/leaderboard/rates.csv`."""

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from io import StringIO
from pathlib import Path

from analysis.calibration.reach import monte_carlo_error
from analysis.records.files import write_text_atomically
from benchmarks.leaderboard.grid import Question

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "reports" / "leaderboard"
RATES, AGREEMENT, TURNER = FOLDER / "rates.csv", FOLDER / "agreement.csv", FOLDER / "turner.csv"
FALSE_POSITIVE, POWER = "false_positive", "power"


@dataclass(frozen=True, slots=True)
class Rate:
    """How often one method finds something in one cell.

    Attributes:
        method: Its name on the page.
        package: Where users get it.
        version: Of the package.
        trend: "none" or "linear".
        steps: Number of dated steps; their sum is tested.
        T: Number of years.
        rho: Autocorrelation of the errors.
        measure: "false_positive", or "power" at a step of two sd at every date.
        rate: Share of series in which p is at most 5 %.
        mc_error: Monte Carlo standard error of the rate.
        series: Number of series.
        refused: "yes" where this project's rules refuse the design, so that the rate is that of
            the procedure with the refusal set aside.
    """

    method: str
    package: str
    version: str
    trend: str
    steps: int
    T: int
    rho: float
    measure: str
    rate: float
    mc_error: float
    series: int
    refused: str = "no"

    @property
    def cell(self) -> tuple[str, int, int, float]:
        return (self.trend, self.steps, self.T, self.rho)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a formula used for many series is from the package itself on some.

    Attributes:
        method: Name on the page.
        package: Its package.
        version: Version that was run.
        designs: Number of designs.
        series: Number of series in all.
        median_difference: Median absolute difference of p.
        largest_difference: The largest.
        decisions_differ: Number of series in which only one of the two is at most 5 %.
    """

    method: str
    package: str
    version: str
    designs: int
    series: int
    median_difference: float
    largest_difference: float
    decisions_differ: int


def make_rate(
    names: tuple[str, str, str],
    question: Question,
    rho: float,
    measure: str,
    share: float,
    series: int,
    *,
    refused: bool = False,
) -> Rate:
    """A row; `names` are method, package and version."""
    error = monte_carlo_error(share, series)
    words = "yes" if refused else "no"
    return Rate(
        *names, question.trend, question.steps, question.length, rho, measure, share, error,
        series, words,
    )  # fmt: skip


def write_rows(rows: Iterable[object], kind: type, path: Path) -> None:
    """Write dataclass rows as text, numbers to six significant digits."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(kind)])
    for row in rows:
        writer.writerow([_text(value) for value in asdict(row).values()])  # type: ignore[call-overload]
    write_text_atomically(path, text.getvalue())


def read_rates(path: Path = RATES) -> list[Rate]:
    """The stored rates."""
    return [_rate(row) for row in read_table(path)]


def read_table(path: Path) -> list[dict[str, str]]:
    """Any other stored table, as text."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _rate(row: dict[str, str]) -> Rate:
    return Rate(
        method=row["method"],
        package=row["package"],
        version=row["version"],
        trend=row["trend"],
        steps=int(row["steps"]),
        T=int(row["T"]),
        rho=float(row["rho"]),
        measure=row["measure"],
        rate=float(row["rate"]),
        mc_error=float(row["mc_error"]),
        series=int(row["series"]),
        refused=row["refused"],
    )


def _text(value: object) -> object:
    return f"{value:.6g}" if isinstance(value, float) else value
