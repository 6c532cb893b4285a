"""Look at a hypothesis along its declared alternative paths."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.records.hypothesis import Hypothesis, Look, apply_look
from analysis.verdict.ground import Ground
from analysis.verdict.rule import LOOK_P
from analysis.verdict.trial import Trial, try_gap, try_hypothesis

SIGN_AND_P = ("source", "transform", "period", "error_model", "comparison")
COMPARING = ("gap", "event_study", "panel")  # designs whose own test holds the comparison units


@dataclass(frozen=True, slots=True)
class LookNumbers:
    """What the rule sees of a look, as if it were the main test; in the claimed direction."""

    smallest_effect: float
    rejected_effect: float
    estimate: float
    wide: tuple[float, float]
    narrow: tuple[float, float]
    p_value: float
    p_size: float

    @classmethod
    def of(cls, trial: Trial, *, guarded: bool = False) -> "LookNumbers":
        """The numbers of a trial; with `guarded` the maximised p is taken."""
        reading = trial.reading
        return cls(
            smallest_effect=trial.smallest_effect,
            rejected_effect=trial.rejected_effect,
            estimate=trial.estimate,
            wide=trial.turned(reading.wide),
            narrow=trial.turned(reading.narrow),
            p_value=max(reading.p_maximised, reading.p_value) if guarded else reading.p_value,
            p_size=trial.p_size,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """What one look shows.

    Attributes:
        name: As declared.
        changes: The keys it overrides.
        estimate: Effect in the declared unit; None if not available.
        unit: What the transformed outcome of this look is measured in; None if not available.
        p_value: Calibrated p for the declared alternative; None if not available.
        agrees: Whether it agrees with the claim; None if not available.
        below: Whether its estimate lies below S in the claimed direction; None where S is declared
            in the outcome's own unit and the look has another.
        counted: Whether it counts: dates a year off are a profile, and refused looks are not there.
        reason: Why it is not available or not counted.
        numbers: What the rule would see of a look at another source; None for all others.
        trial: What was tested; None if not available, and once its numbers are taken.
    """

    name: str
    changes: tuple[str, ...]
    estimate: float | None
    unit: str | None
    p_value: float | None
    agrees: bool | None
    below: bool | None
    counted: bool
    reason: str | None
    numbers: LookNumbers | None = None
    trial: Trial | None = None


def glance(hypothesis: Hypothesis, look: Look, ground: Ground, direction: float) -> Glance:
    """Test the hypothesis as this look sees it, held against the direction of the main test."""
    changes = tuple(look.overrides())
    seen = apply_look(hypothesis, look)
    attempt = try_gap if "comparison" in changes else try_hypothesis
    trial = attempt(seen, ground, direction)
    if isinstance(trial, str):
        return Glance(look.name, changes, None, None, None, None, None, False, trial)
    other_unit = trial.unit.name != hypothesis.effect_unit or (
        hypothesis.effect_unit == "outcome" and "transform" in changes
    )
    shifted = "junctures" in changes and _is_near(hypothesis, seen, ground)
    return Glance(
        name=look.name,
        changes=changes,
        estimate=trial.unit.from_outcome(trial.reading.estimate),
        unit=trial.unit.outcome,
        p_value=trial.reading.p_value,
        agrees=_agrees(trial, changes),
        below=None if other_unit else trial.estimate < trial.rejected_effect,
        counted=not shifted,
        reason="date a year off: shown as a profile, not counted" if shifted else None,
        numbers=LookNumbers.of(trial) if "source" in changes else None,
        trial=trial,
    )


@dataclass(frozen=True, slots=True, eq=False)
class GapSeen:
    """The claim's term in the distance to the comparison units.

    Attributes:
        units: The comparison units.
        effect: In the declared unit.
        estimate: In the claimed direction, transformed outcome; nan where it cannot be tested.
        p_value: For the declared alternative; 1 where it cannot be tested.
        reason: Why it cannot be tested; "" where it can.
    """

    units: tuple[str, ...]
    effect: float
    estimate: float
    p_value: float
    reason: str = ""


def see_gap(hypothesis: Hypothesis, tried: Trial, ground: Ground, direction: float) -> GapSeen:
    """Test the distance to the comparison units; one that cannot be tested does not agree.

    Designs whose main test, `tried`, is held against the comparison units are not tested again.
    """
    comparing = hypothesis.design in COMPARING
    trial = tried if comparing else try_gap(hypothesis, ground, direction)
    if isinstance(trial, str):
        return GapSeen(hypothesis.comparison, float("nan"), float("nan"), 1.0, trial)
    effect = trial.unit.from_outcome(trial.reading.estimate)
    return GapSeen(hypothesis.comparison, effect, trial.estimate, trial.reading.p_value)


def share(glances: Sequence[Glance], of: str) -> float | None:
    """Share of the counted looks that agree, or lie below S; None if none count."""
    told = [getattr(each, of) for each in glances if each.counted]
    counted = [bool(value) for value in told if value is not None]
    return sum(counted) / len(counted) if counted else None


def _agrees(trial: Trial, changes: tuple[str, ...]) -> bool:
    if trial.estimate <= 0:
        return False
    return trial.reading.p_value <= LOOK_P if set(changes) & set(SIGN_AND_P) else True


def _is_near(hypothesis: Hypothesis, seen: Hypothesis, ground: Ground) -> bool:
    """Whether every onset that differs does so by a year at most."""
    if len(seen.junctures) != len(hypothesis.junctures):
        return False
    pairs = zip(hypothesis.junctures, seen.junctures, strict=True)
    onsets = [(ground.junctures[old].onset, ground.junctures[new].onset) for old, new in pairs]
    return all(abs(old - new) <= 1 for old, new in onsets)
