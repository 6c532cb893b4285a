"""Cross the declared looks of a claim into every path there is."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import product

from analysis.calibration.inner_regression import regression_of
from analysis.calibration.multiverse import DRAWS, MAIN, Multiverse, Path, ask_all_paths
from analysis.design.steps import StepsDesign
from analysis.errors import DesignError, EstimationError, UsageError
from analysis.records.hypothesis import Hypothesis, Look, apply_look
from analysis.verdict.designs import LAYERS
from analysis.verdict.ground import Ground
from analysis.verdict.trial import Trial

MOST_PATHS = 10_000
KEYS = tuple(each.name for each in fields(Look) if each.name != "name")


def cross_looks(hypothesis: Hypothesis) -> Iterator[Look]:
    """Every combination of looks that change different things; each look alone is among them.

    Looks that change the same keys exclude each other.

    Raises:
        UsageError: There are more than `MOST_PATHS`.
    """
    groups: dict[tuple[str, ...], list[Look]] = {}
    for look in hypothesis.looks:
        groups.setdefault(tuple(look.overrides()), []).append(look)
    number = 1
    for looks in groups.values():
        number *= 1 + len(looks)
    if number > MOST_PATHS:
        raise UsageError(
            f"The looks of {hypothesis.id} make {number:,} paths; at most {MOST_PATHS:,} are "
            "asked. Leave a look out."
        )
    choices: list[list[Look | None]] = [[None, *looks] for looks in groups.values()]
    for chosen in product(*choices):
        taken = [look for look in chosen if look is not None]
        if taken:
            yield _merge(taken)


def ask_paths(
    hypothesis: Hypothesis, trial: Trial, ground: Ground, *, draws: int = DRAWS
) -> Multiverse | None:
    """Ask a claim along every path; None where its design has no series to lay out anew.

    The main test must be one of dated steps or the like (`LAYERS`), directed or two-sided.
    """
    main = regression_of(trial.test)
    if hypothesis.design not in LAYERS or main is None or trial.term not in main.terms:
        return None
    transform = TRANSFORMS.get(hypothesis.design, hypothesis.transform)
    paths = [Path(MAIN, {}, main.design, main.terms.index(trial.term), transform)]
    refused: dict[str, str] = {}
    for look in cross_looks(hypothesis):
        seen = apply_look(hypothesis, look)
        try:
            design = LAYERS[hypothesis.design](seen, ground, gap=look.comparison is not None)
            paths.append(_path(look, design, seen, trial))
        except (DesignError, EstimationError) as refusal:
            refused[look.name] = str(refusal)
    return ask_all_paths(
        main,
        paths,
        trial.raw,
        alternative=hypothesis.alternative,
        seed=ground.shelf.seed,
        draws=draws,
        refused=refused,
    )


TRANSFORMS: Mapping[str, str] = {"counts": "sqrt38"}


def _path(look: Look, design: StepsDesign, seen: Hypothesis, trial: Trial) -> Path:
    term = seen.term if seen.term in design.terms else trial.term
    if term not in design.terms:
        raise DesignError(f"The term {term} is not part of this path.")
    changes = {key: _word(value) for key, value in look.overrides().items()}
    transform = TRANSFORMS.get(seen.design, seen.transform)
    return Path(look.name, changes, design, design.terms.index(term), transform)


def _merge(looks: list[Look]) -> Look:
    overrides: dict[str, object] = {}
    for look in looks:
        overrides |= look.overrides()
    return Look(name="; ".join(look.name for look in looks), **overrides)  # type: ignore[arg-type]


def _word(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
