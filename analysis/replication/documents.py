"""The record as documents: verdicts, calibration, numbers, curves, paths and views."""

import csv
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analysis.calibration.store import METHOD
from analysis.exhibits.gather import gather_facts
from analysis.exhibits.numbers import build_numbers, numbers_document
from analysis.paths import StudyPaths
from analysis.records.files import format_json, write_json
from analysis.replication.outcome import Effort, Outcome
from analysis.verdict.curves import curves_of
from analysis.verdict.fact import check_facts
from analysis.verdict.record import Verdict
from analysis.verdict.studywide import study_wide_key, study_wide_rates
from analysis.version import VERSION

FORMAT = 1
SIZE_TABLE = Path("size/steps.csv")  # below reports/
USUAL = {"ols": "least squares", "newey_west": "Newey–West"}


@dataclass(frozen=True, slots=True, eq=False)
class Documents:
    """The content of the six files of the record."""

    verdicts: dict[str, Any]
    calibration: dict[str, Any]
    numbers: dict[str, Any]
    curves: dict[str, Any]
    paths: dict[str, Any]
    views: dict[str, Any]

    @property
    def data(self) -> str:
        """Digest of the data it was made from."""
        return str(self.verdicts["data_sha256"])

    @property
    def declarations(self) -> str:
        """Digest of the declarations it was made from."""
        return str(self.verdicts["declarations_sha256"])


def make_documents(
    outcome: Outcome,
    effort: Effort,
    kept: Documents | None = None,
    measured: Mapping[str, Mapping[str, Any]] | None = None,
    counted: Mapping[str, Any] | None = None,
) -> Documents:
    """Lay out what a run gave as the files of the record hold it.

    Args:
        outcome: What the run gave.
        effort: How much was simulated.
        kept: An earlier record, from which verdicts that the run left out are taken over.
        measured: What `juncture calibrate` measured, by part and key; see `service`.
        counted: An earlier `calibration.json`, whose study-wide rates are taken over where their
            key is the same.
    """
    study = outcome.study
    others = _others(kept, set(outcome.verdicts))
    ground = outcome.ground
    facts = check_facts(ground.claims, ground.panel, ground.events)
    verdicts = _as_stored(
        {
            "study": study.settings.title,
            "toolkit": VERSION,
            "data_sha256": study.data_sha256,
            "declarations_sha256": study.declarations_sha256,
            "alpha": study.settings.alpha,
            "facts": [finding.to_dict() for finding in facts.values()],
            "verdicts": sorted(
                [*(verdict.to_dict() for verdict in outcome.verdicts.values()), *others.verdicts],
                key=lambda verdict: str(verdict["id"]),
            ),
        }
    )
    wide_key, wide = (
        _study_wide(outcome, effort, counted or {})
        if kept is None
        else (others.study_wide_key, others.study_wide)
    )
    calibration = {
        "format": FORMAT,
        "method": METHOD,
        "seed": study.settings.seed,
        "effort": asdict(effort),
        "entries": {**others.entries, **outcome.gauge.used},
        "flips": dict(sorted({**others.flips, **outcome.flips.used}.items())),
        "comparisons": sorted(
            [*_comparisons(outcome.verdicts), *others.comparisons], key=lambda row: row["claim"]
        ),
        "study_wide": wide,
        "study_wide_key": wide_key,
        "size_table": read_size_table(StudyPaths(study.root).reports / SIZE_TABLE),
        **{part: entries for part, entries in (measured or {}).items() if entries},
    }
    drawn = {name: curves_of(v, outcome.ground) for name, v in outcome.verdicts.items()}
    walked = {name: verdict.paths_dict() for name, verdict in outcome.verdicts.items()}
    paths = _as_stored({**others.paths, **{k: p for k, p in walked.items() if p is not None}})
    numbers = build_numbers(verdicts, calibration, gather_facts(study), paths)
    return Documents(
        verdicts=verdicts,
        calibration=calibration,
        numbers=numbers_document(numbers),
        curves={
            **others.curves,
            **{k: curves for k, curves in drawn.items() if curves is not None},
        },
        paths=paths,
        views={**others.views, **outcome.views.used},
    )


def _as_stored(content: Mapping[str, Any]) -> dict[str, Any]:
    """As it reads when it has been stored, so that numbers are made of what the record holds."""
    stored: dict[str, Any] = json.loads(format_json(content))
    return stored


def write_documents(documents: Documents, paths: StudyPaths) -> None:
    """Write the six files, each beside and renamed."""
    write_json(paths.calibration, documents.calibration)
    write_json(paths.curves, documents.curves)
    write_json(paths.paths, documents.paths)
    write_json(paths.views, documents.views)
    write_json(paths.numbers, documents.numbers)
    write_json(paths.verdicts, documents.verdicts)


def read_size_table(path: Path) -> list[dict[str, Any]]:
    """The stored false-positive rates of steps, total and joint F, if the study holds them."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return [
        {
            "years": int(row["last_year"]) - int(row["first_year"]) + 1,
            "rho": float(row["rho"]),
            "sd_ratio": float(row["kappa"]),
            "term": row["term"],
            "n_series": int(row["series"]),
            "rate": float(row["calibrated"]),
            "mc_error": float(row["mc_error"]),
        }
        for row in rows
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Others:
    verdicts: list[dict[str, Any]]
    entries: dict[str, Any]
    flips: dict[str, Any]
    comparisons: list[dict[str, Any]]
    study_wide: list[dict[str, Any]]  # of all claims together, so that a part cannot replace it
    study_wide_key: str
    curves: dict[str, Any]
    paths: dict[str, Any]
    views: dict[str, Any]


def _others(kept: Documents | None, new: set[str]) -> _Others:
    """What an earlier record holds of claims that are not new."""
    if kept is None:
        return _Others([], {}, {}, [], [], "", {}, {}, {})
    return _Others(
        verdicts=[v for v in kept.verdicts["verdicts"] if v["id"] not in new],
        entries=kept.calibration["entries"],
        flips=kept.calibration.get("flips", {}),
        comparisons=[row for row in kept.calibration["comparisons"] if row["claim"] not in new],
        study_wide=kept.calibration["study_wide"],
        study_wide_key=kept.calibration.get("study_wide_key", ""),
        curves={name: curve for name, curve in kept.curves.items() if name not in new},
        paths={name: paths for name, paths in kept.paths.items() if name not in new},
        views=kept.views,
    )


def _study_wide(
    outcome: Outcome, effort: Effort, counted: Mapping[str, Any]
) -> tuple[str, list[dict[str, Any]]]:
    """False-positive rates of the study as a whole, world by world, and their key."""
    settings, shelf = outcome.study.settings, outcome.ground.shelf
    verdicts = [*outcome.verdicts.values()]
    key = study_wide_key(
        verdicts,
        seed=settings.seed,
        studies=effort.studies,
        multiplicity=settings.multiplicity,
        law=f"{shelf.seed}|{shelf.series}|{shelf.again}",
    )
    if counted.get("study_wide_key") == key:
        return key, counted["study_wide"]
    rates = study_wide_rates(
        verdicts,
        seed=settings.seed,
        studies=effort.studies,
        multiplicity=settings.multiplicity,
        jobs=shelf.jobs,
    )
    return key, [asdict(rate) for rate in rates]


def _comparisons(verdicts: Mapping[str, Verdict]) -> list[dict[str, Any]]:
    """False-positive rates of this test and the usual ones, claim by claim."""
    rows = []
    for name, verdict in verdicts.items():
        measured = verdict.measured
        if measured is None or verdict.hypothesis.role == "placebo":
            continue
        rates = {"juncture": ("this test", measured.size)}
        rates |= {
            key: (label, measured.usual[key])
            for key, label in USUAL.items()
            if key in measured.usual
        }
        rows += [
            {
                "claim": name,
                "method": method,
                "label": label,
                "n_series": measured.series,
                "rate": rate,
                "mc_error": (rate * (1 - rate) / measured.series) ** 0.5,
            }
            for method, (label, rate) in rates.items()
        ]
    return rows
