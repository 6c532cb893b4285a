"""A decided claim on the bench: decide it again as if its data had been others."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from analysis.verdict.altered import Seen
from analysis.verdict.looks import COMPARING, LookNumbers
from analysis.verdict.multiplicity import adjust_one
from analysis.verdict.rule import Evidence, Finding, decide
from analysis.verdict.trial import Trial


@dataclass(frozen=True, eq=False)
class Bench:
    """A decided claim, ready to be decided again on other data.

    Attributes:
        trial: As tested.
        evidence: As decided.
        others: Uncorrected p of no effect of the other members of its group, by id.
        others_size: Uncorrected p of an effect of S or more, likewise.
        gate_p: Corrected p of the gate; 0 without one.
        corrected: Whether p is corrected for the others.
        guarded: Whether the maximised p decides.
        counts: Whether the outcome is a number of things.
        level: The strictest corrected level, which p has to be able to reach.
    """

    trial: Trial
    evidence: Evidence
    others: Mapping[str, float]
    others_size: Mapping[str, float]
    gate_p: float
    corrected: bool
    guarded: bool = False
    counts: bool = False
    level: float = 1.0

    def decide_again(self, seen: Seen) -> list[Finding]:
        """The finding in each altered series."""
        sizes = [self._sizes(seen, at) for at in range(len(seen.estimate))]
        p_sizes = np.ones(len(sizes))
        if self.evidence.directed:
            p_sizes = seen.p_below(np.array([rejected for _, rejected in sizes]))
        return [
            self._decide(seen, at, smallest, rejected, float(p_size))
            for at, ((smallest, rejected), p_size) in enumerate(zip(sizes, p_sizes, strict=True))
        ]

    def _decide(
        self, seen: Seen, at: int, smallest: float, rejected: float, p_size: float
    ) -> Finding:
        estimate = float(seen.estimate[at])
        wide, narrow = seen.wide[at], seen.narrow[at]
        if not self.evidence.directed and estimate < 0:
            estimate, wide, narrow = -estimate, -wide[::-1], -narrow[::-1]
        return decide(
            replace(
                self.evidence,
                smallest_effect=smallest,
                rejected_effect=rejected,
                estimate=estimate,
                wide=(float(wide[0]), float(wide[1])),
                narrow=(float(narrow[0]), float(narrow[1])),
                p_adjusted=max(self.gate_p, self._adjust(float(seen.p_value[at]), self.others)),
                p_size_adjusted=self._adjust(p_size, self.others_size),
                gap=self._gap(estimate, float(seen.p_value[at])),
            )
        ).finding

    def decide_trial(self, tried: Trial | str) -> Finding:
        """The finding if a trial, or a refusal, were that of the claim."""
        if isinstance(tried, str) or tried.test.smallest_p > self.level:
            return Finding.UNTESTABLE
        return self.decide_look(LookNumbers.of(tried, guarded=self.guarded))

    def decide_look(self, look: LookNumbers) -> Finding:
        """The finding if a look were the main test."""
        evidence = replace(
            self.evidence,
            smallest_effect=look.smallest_effect,
            rejected_effect=look.rejected_effect,
            estimate=look.estimate,
            wide=look.wide,
            narrow=look.narrow,
            p_adjusted=max(self.gate_p, self._adjust(look.p_value, self.others)),
            p_size_adjusted=self._adjust(look.p_size, self.others_size),
            gap=self._gap(look.estimate, look.p_value),
        )
        return decide(evidence).finding

    def _gap(self, estimate: float, p: float) -> tuple[float, float] | None:
        """The gap to the comparison units, which some designs are about."""
        own = self.trial.hypothesis.design in COMPARING and self.evidence.gap is not None
        return (estimate, p) if own else self.evidence.gap

    def _sizes(self, seen: Seen, at: int) -> tuple[float, float]:
        if self.trial.unit.name != "sd":
            return self.trial.smallest_effect, self.trial.rejected_effect
        declared = self.trial.hypothesis.smallest_effect
        return declared * float(seen.marginal_sd[at]), declared * float(seen.smallest_sd[at])

    def _adjust(self, p: float, others: Mapping[str, float]) -> float:
        if not self.corrected:
            return p
        return adjust_one(p, others.values())
