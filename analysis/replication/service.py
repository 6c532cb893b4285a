"""What `juncture calibrate` measures, and what of it still fits a study.

Every measurement has a key made of everything it depends on: the design and the values of the
series, the claim with its term, alternative and level, the seed, and how much is simulated. rho,
kappa and their interval follow from these, so that a key can be had without a fit. Where a key is
the same the number is taken over; where it is not that of a claim as it stands now, it is dropped.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from joblib import Parallel, delayed

from analysis.calibration.departure_rates import measure_departure
from analysis.calibration.departures import (
    DEPARTURES,
    are_whole,
    departures_from,
    departures_of,
)
from analysis.calibration.keys import key_of
from analysis.calibration.power_curves import EFFECTS, Asked, measure_curve
from analysis.calibration.row_rates import RowTest, measure_row_curve, measure_row_departure
from analysis.calibration.steps import StepsTest
from analysis.calibration.store import METHOD as LAW_METHOD
from analysis.design.steps import StepsDesign
from analysis.errors import DesignError, EstimationError
from analysis.kernel.forks import side_by_side
from analysis.panel.digest import digest_cells
from analysis.records.files import format_json
from analysis.records.hypothesis import Hypothesis
from analysis.records.study import Study
from analysis.replication.outcome import Effort, Notice
from analysis.verdict.cells import source_of, variables_beside
from analysis.verdict.designs import STEPWISE
from analysis.verdict.ground import Ground
from analysis.verdict.trial import lay_out, try_hypothesis

Entry = Mapping[str, Any]
CURVES, DEPARTED = "curves", "departures"
PARTS = (CURVES, DEPARTED)
METHOD = "service-1"  # raised whenever a change of method changes the numbers
ROWS_METHOD = "service-rows-2"
NOTHING_TO_SIMULATE = {
    "fact": "A statement of fact is checked against values; nothing of it is estimated.",
    "placebo_set": "It counts the findings of other claims.",
    "all_of": "It joins the tests of other claims, each of which is measured.",
    "multiverse": "It counts the paths of another claim.",
    "sensitivity": "It says how far an estimate moves; it tests no effect.",
}
NOT_IN_ROWS = (
    "The outcome of this test is not one series; `juncture run` measures its size, power and "
    "coverage."
)
SCANNING = ("date_set", "break_date")  # whose every series is set against many dates


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to be measured.

    Attributes:
        part: "curves" or "departures".
        key: Digest of everything it depends on.
        claim: Id of the claim.
        asked: Its test.
        departure: Key in `DEPARTURES`; empty for a curve.
        series: Digest of design and values; orders with the same share test and simulation.
    """

    part: str
    key: str
    claim: str
    asked: Asked
    departure: str
    series: str


@dataclass(frozen=True, eq=False)
class Service:
    """What can be measured of a study, and why the rest cannot.

    Attributes:
        orders: Of every claim that has a design.
        designs: Dated steps by the digest that orders carry.
        claims: All other claims by theirs.
        refused: The reason, by claim.
    """

    orders: tuple[Order, ...]
    designs: Mapping[str, StepsDesign]
    claims: Mapping[str, Hypothesis]
    refused: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Measured:
    """Measurements by part and key, how many are new, and claims that could not be fitted."""

    parts: dict[str, dict[str, Entry]]
    new: int
    refused: Mapping[str, str]


def lay_out_service(study: Study, ground: Ground, effort: Effort) -> Service:
    """Everything that can be measured of the claims of a study; nothing is fitted."""
    orders: list[Order] = []
    designs: dict[str, StepsDesign] = {}
    claims: dict[str, Hypothesis] = {}
    refused: dict[str, str] = {}
    for name in sorted(study.hypotheses):
        hypothesis = study.hypotheses[name]
        design = _lay_out(hypothesis, ground)
        if isinstance(design, str):
            refused[name] = design
            continue
        if design is None:
            series = _claim_key(hypothesis, ground, effort)
            claims[series] = hypothesis
            departures = _departures(hypothesis, ground)
        else:
            series = _series_key(design, ground)
            designs.setdefault(series, design)
            departures = departures_of(design, hypothesis.transform)
        orders += _orders(hypothesis, departures, series, effort)
    return Service(tuple(orders), designs, claims, refused)


def _lay_out(hypothesis: Hypothesis, ground: Ground) -> StepsDesign | str | None:
    """Dated steps, the reason why there is nothing to measure, or None for all other tests."""
    if hypothesis.design in NOTHING_TO_SIMULATE:
        return NOTHING_TO_SIMULATE[hypothesis.design]
    if hypothesis.design == "none" or hypothesis.design in STEPWISE:
        return lay_out(hypothesis, ground)
    return None


def still_fitting(
    calibration: Mapping[str, Any], study: Study, ground: Ground, effort: Effort
) -> dict[str, dict[str, Entry]]:
    """What of a `calibration.json` is of the claims, data and effort as they are now."""
    stored = {part: calibration.get(part) or {} for part in PARTS}
    if not any(stored.values()):
        return {part: {} for part in PARTS}
    keys = {order.key for order in lay_out_service(study, ground, effort).orders}
    return {
        part: {key: entry for key, entry in entries.items() if key in keys}
        for part, entries in stored.items()
    }


def measure_orders(
    orders: Iterable[Order],
    service: Service,
    ground: Ground,
    effort: Effort,
    *,
    known: Mapping[str, Mapping[str, Entry]],
    jobs: int = 1,
    notice: Notice = lambda _: None,
) -> Measured:
    """Measure orders, each once; those whose key is known are taken over.

    Args:
        orders: Some of those of `service`.
        service: Designs of the orders.
        ground: Null laws.
        effort: How much is simulated.
        known: Earlier measurements by part and key.
        jobs: Processes; the result does not depend on it.
        notice: Called with a line on each series.
    """
    parts: dict[str, dict[str, Entry]] = {part: {} for part in PARTS}
    waiting: dict[str, list[Order]] = {}
    for order in orders:
        stored = known.get(order.part, {}).get(order.key)
        if stored is None:
            waiting.setdefault(order.series, []).append(order)
        else:
            parts[order.part][order.key] = stored
    refused: dict[str, str] = {}
    tests: dict[str, StepsTest] = {}
    for series in [each for each in waiting if each in service.designs]:
        notice(f"null law of {service.designs[series].name}")
        try:
            tests[series] = ground.test(service.designs[series])
        except EstimationError as error:
            refused |= {order.claim: str(error) for order in waiting[series]}
    notice("counting")
    batches = Parallel(n_jobs=jobs)(
        delayed(_measure)(test, waiting[series], ground.shelf.seed, effort.reach)
        for series, test in tests.items()
    )
    new = [entry for batch in batches for entry in batch]
    whole = [series for series in waiting if series in service.claims]
    inner = ground.of_one_process if jobs > 1 else ground

    def measure(series: str) -> list[tuple[Order, Entry]] | str:
        return _measure_rows(service.claims[series], waiting[series], inner, effort)

    for series, found in zip(whole, side_by_side(measure, whole, jobs=jobs), strict=True):
        notice(f"reading {service.claims[series].id} in simulated series")
        if isinstance(found, str):
            refused[service.claims[series].id] = found
        else:
            new += found
    for order, entry in new:
        parts[order.part][order.key] = entry
    return Measured(parts, len(new), refused)


def _measure_rows(
    hypothesis: Hypothesis, orders: list[Order], ground: Ground, effort: Effort
) -> list[tuple[Order, Entry]] | str:
    """All that can be measured of one claim's whole test, or why nothing can."""
    tried = try_hypothesis(hypothesis, ground)
    if isinstance(tried, str):
        return tried
    asked = Asked(tried.term, hypothesis.alternative, hypothesis.alpha)
    measured = RowTest.of(tried.test, asked)
    if measured is None:
        return NOT_IN_ROWS
    series = effort.rates if hypothesis.design in SCANNING else effort.reach
    found: list[tuple[Order, Entry]] = []
    for order in orders:
        result: Any
        if order.part == CURVES:
            result = measure_row_curve(measured, seed=ground.shelf.seed, series=series)
        else:
            result = measure_row_departure(
                order.departure, measured, seed=ground.shelf.seed, series=series
            )
        told = {"claim": order.claim, "joined": measured.joined, **result.to_dict()}
        found.append((order, _as_stored(told)))
    return found


def _measure(
    test: StepsTest, orders: list[Order], seed: int, series: int
) -> list[tuple[Order, Entry]]:
    """All orders on one series; those on one departure are counted in the same draws."""
    found: list[tuple[Order, Entry]] = []
    for name in ("", *DEPARTURES):
        here = [order for order in orders if order.departure == name]
        if not here:
            continue
        questions = [order.asked for order in here]
        results: list[Any]
        if name:
            results = measure_departure(name, test, questions, seed=seed, series=series)
        else:
            results = [measure_curve(test, asked, seed=seed, series=series) for asked in questions]
        found += [
            (order, _as_stored({"claim": order.claim, **result.to_dict()}))
            for order, result in zip(here, results, strict=True)
        ]
    return found


def _as_stored(entry: Mapping[str, object]) -> Entry:
    """As it reads when it has been stored, so that a first and a second run agree."""
    stored: Entry = json.loads(format_json(entry))
    return stored


def _orders(
    hypothesis: Hypothesis, departures: Iterable[str], series: str, effort: Effort
) -> list[Order]:
    asked = Asked(hypothesis.term, hypothesis.alternative, hypothesis.alpha)
    return [
        Order(
            part=DEPARTED if name else CURVES,
            key=_key(hypothesis.id, asked, name, series, effort),
            claim=hypothesis.id,
            asked=asked,
            departure=name,
            series=series,
        )
        for name in ("", *departures)
    ]


def _series_key(design: StepsDesign, ground: Ground) -> str:
    """Design, null law and values, alike on every machine."""
    law = ground.shelf.key(design.layout, design.contrasts)
    values = ",".join(f"{value:.9g}" for value in design.series.to_numpy(dtype=float) + 0.0)
    onsets = ",".join(map(str, design.onsets.values()))
    return key_of(f"{law}|{onsets}|{design.trend}|{values}")


def _departures(hypothesis: Hypothesis, ground: Ground) -> tuple[str, ...]:
    """What the outcome of a claim can meet; sets of dates have a linear trend in every case."""
    rooted = hypothesis.design == "counts" or hypothesis.transform == "sqrt38"
    if rooted and len(hypothesis.units) == 1 and hypothesis.design != "mediation":
        try:
            rooted = are_whole(ground.values(hypothesis).dropna().to_numpy(dtype=float))
        except DesignError:
            rooted = False
    else:
        rooted = False
    trend = "linear" if hypothesis.design == "date_set" else hypothesis.trend
    return departures_from(trend, counts=rooted)


def _claim_key(hypothesis: Hypothesis, ground: Ground, effort: Effort) -> str:
    """Declaration, cells, dates and null laws of a claim."""
    # Every value there is, of all years: a lag reads years in which the outcome has none.
    variables = [hypothesis.outcome, *variables_beside(hypothesis)]
    known = ground.panel.cells.index.get_level_values("unit").unique()
    read = [name for name in variables if name in ground.panel.variables]
    cells = digest_cells(
        ground.panel.cells_for(read, [*known], source=source_of(hypothesis))
        if read
        else ground.panel.cells.iloc[:0]
    )["sha256"]
    onsets = [ground.junctures[name].onset for name in hypothesis.junctures]
    laws = [ground.shelf.seed, effort.law, effort.again, effort.rates, *ground.period]
    told = (ROWS_METHOD, LAW_METHOD, repr(hypothesis), cells, onsets, laws)
    return key_of("|".join(map(str, told)))


def _key(claim: str, asked: Asked, departure: str, series: str, effort: Effort) -> str:
    measured = (
        f"{departure}:{DEPARTURES[departure].words}" if departure else ",".join(map(str, EFFECTS))
    )
    test = f"{asked.term}|{asked.alternative}|{asked.alpha:.9g}"
    return key_of(f"{METHOD}|{series}|{claim}|{test}|{measured}|{effort.reach}")
