"""Keep what turns a finding by a key of everything the search depended on."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from analysis.calibration.keys import key_of
from analysis.calibration.methods import METHODS
from analysis.records.files import format_json
from analysis.verdict.bench import Bench
from analysis.verdict.flip import Change, Flip
from analysis.verdict.ground import Ground
from analysis.verdict.looks import LookNumbers

METHOD = "flip-5"  # raised whenever a change of method changes what is found
Stored = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class FlipShelf:
    """What was found earlier, and what this run asked for.

    Attributes:
        known: Earlier searches by key.
        used: Those this run made or took over, by key.
    """

    known: Mapping[str, Stored | None] = field(default_factory=dict)
    used: dict[str, Stored | None] = field(default_factory=dict)

    def enter(self, key: str, flip: Flip | None) -> Flip | None:
        """Keep what was found, and give it as it reads when it has been stored."""
        plain = None if flip is None else asdict(flip)
        self.used[key] = json.loads(format_json({"flip": plain}))["flip"]
        return _as_flip(self.used[key])

    def take_over(self, key: str) -> Flip | None:
        """What an earlier search found; the key has to be known."""
        self.used[key] = self.known[key]
        return _as_flip(self.known[key])


def flip_key(
    bench: Bench,
    finding: str,
    onset: int | None,
    cells: str,
    sources: Mapping[str, LookNumbers],
    ground: Ground,
) -> str:
    """Everything a search depends on, as one digest.

    Args:
        bench: The claim.
        finding: As decided.
        onset: First year counted as after.
        cells: Digest of the observations behind the claim.
        sources: Looks at other sources or vintages, by name.
        ground: How much is simulated, and the period.
    """
    evidence = {each.name: getattr(bench.evidence, each.name) for each in fields(bench.evidence)}
    hypothesis = bench.trial.hypothesis
    codebook, events = ground.panel.codebook, ground.events
    told = {
        "evidence": evidence,
        "sources": {name: asdict(numbers) for name, numbers in sources.items()},
        "outcome": repr(codebook.get(hypothesis.outcome)),
        "junctures": [
            [name, ground.junctures[name].onset, str(ground.junctures[name].date)]
            for name in hypothesis.junctures
        ],
        "methods": [METHOD, *METHODS],
        "others": [sorted(bench.others.values()), sorted(bench.others_size.values())],
        "gate": [bench.gate_p, bench.corrected, bench.guarded, bench.counts, bench.level],
        "effort": [ground.draws, ground.look_draws, ground.rate_series, ground.shelf.seed],
        "laws": [[shelf.series, shelf.again] for shelf in (ground.shelf, ground.look_shelf)],
        "asked": [finding, onset, cells, list(ground.period), repr(hypothesis)],
        "events": events.to_csv() if hypothesis.design == "firsts" else "",
    }
    return key_of(format_json(told))


def _as_flip(stored: Stored | None) -> Flip | None:
    if stored is None:
        return None
    cell, since = stored["cell"], stored["since_onset"]
    years = stored["years"]
    return Flip(
        cell=None if cell is None else Change(**cell),
        since_onset=None if since is None else Change(**since),
        years=None if years is None else {int(year): found for year, found in years.items()},
        sources=stored["sources"],
        altered=stored["altered"],
        events=stored["events"],
        tested=stored["tested"],
    )
