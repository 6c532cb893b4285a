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
from analysis.calibration.departures import DEPARTURES, departures_of
from analysis.calibration.keys import key_of
from analysis.calibration.power_curves import EFFECTS, Asked, measure_curve
from analysis.calibration.steps import StepsTest
from analysis.design.steps import StepsDesign
from analysis.errors import EstimationError
from analysis.records.files import format_json
from analysis.records.hypothesis import Hypothesis
from analysis.records.study import Study
from analysis.replication.outcome import Effort, Notice
from analysis.verdict.ground import Ground
from analysis.verdict.trial import lay_out

Entry = Mapping[str, Any]
CURVES, DEPARTED = "curves", "departures"
PARTS = (CURVES, DEPARTED)
METHOD = "service-1"  # raised whenever a change of method changes the numbers


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
        designs: By the digest that orders carry.
        refused: The reason, by claim.
    """

    orders: tuple[Order, ...]
    designs: Mapping[str, StepsDesign]
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
    refused: dict[str, str] = {}
    for name in sorted(study.hypotheses):
        hypothesis = study.hypotheses[name]
        design = lay_out(hypothesis, ground)
        if isinstance(design, str):
            refused[name] = design
            continue
        series = _series_key(design, ground)
        designs.setdefault(series, design)
        orders += _orders(hypothesis, design, series, effort)
    return Service(tuple(orders), designs, refused)


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
    for series, wanted in waiting.items():
        notice(f"null law of {service.designs[series].name}")
        try:
            tests[series] = ground.test(service.designs[series])
        except EstimationError as error:
            refused |= {order.claim: str(error) for order in wanted}
    notice("counting")
    batches = Parallel(n_jobs=jobs)(
        delayed(_measure)(test, waiting[series], ground.shelf.seed, effort.reach)
        for series, test in tests.items()
    )
    new = [entry for batch in batches for entry in batch]
    for order, entry in new:
        parts[order.part][order.key] = entry
    return Measured(parts, len(new), refused)


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
    hypothesis: Hypothesis, design: StepsDesign, series: str, effort: Effort
) -> list[Order]:
    asked = Asked(hypothesis.term, hypothesis.alternative, hypothesis.alpha)
    names = ("", *departures_of(design, hypothesis.transform))
    return [
        Order(
            part=DEPARTED if name else CURVES,
            key=_key(hypothesis.id, asked, name, series, effort),
            claim=hypothesis.id,
            asked=asked,
            departure=name,
            series=series,
        )
        for name in names
    ]


def _series_key(design: StepsDesign, ground: Ground) -> str:
    """Design, null law and values, alike on every machine."""
    law = ground.shelf.key(design.layout, design.contrasts)
    values = ",".join(f"{value:.9g}" for value in design.series.to_numpy(dtype=float) + 0.0)
    onsets = ",".join(map(str, design.onsets.values()))
    return key_of(f"{law}|{onsets}|{design.trend}|{values}")


def _key(claim: str, asked: Asked, departure: str, series: str, effort: Effort) -> str:
    measured = (
        f"{departure}:{DEPARTURES[departure].words}" if departure else ",".join(map(str, EFFECTS))
    )
    test = f"{asked.term}|{asked.alternative}|{asked.alpha:.9g}"
    return key_of(f"{METHOD}|{series}|{claim}|{test}|{measured}|{effort.reach}")
