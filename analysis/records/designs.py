"""The designs a hypothesis may declare, and the keys each of them reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.records.declared import (
    DATE,
    LEVEL,
    PERIOD,
    SIZE,
    SOME_TEXTS,
    TEXT,
    TEXT_OR_BLANK,
    TEXTS,
    WHOLE,
    Kind,
    is_number,
    is_texts,
    is_whole,
    one_of,
)

TRANSFORMS = ("none", "log", "log1p", "asinh", "sqrt38", "logit", "arcsine", "standardise")
TRENDS = ("none", "linear", "quadratic")
ERROR_MODELS = ("ar1", "ar1-constant")
ALTERNATIVES = ("greater", "less", "two-sided")
EFFECT_UNITS = ("outcome", "sd", "rate_ratio", "points")
ROLES = ("primary", "secondary", "rival", "placebo", "descriptive")
LOOSE_TERMS = ("total", "joint")

LAGS = Kind(
    lambda value: is_whole(value) or (isinstance(value, list) and all(map(is_whole, value))),
    "a whole number, or a list of them",
    "[0, 1]",
)
WEIGHTS = Kind(
    lambda value: (
        isinstance(value, str)
        or (isinstance(value, list) and bool(value) and all(map(is_number, value)))
    ),
    "the name of a weighting, or a list of numbers",
    "[1.0, 2.0]",
)
WINDOW = Kind(
    lambda value: (
        isinstance(value, list)
        and len(value) == 2
        and all(map(is_whole, value))
        and value[0] < value[1]
    ),
    "two whole numbers in order",
    "[-5, 5]",
)
FILTER = Kind(
    lambda value: isinstance(value, str | dict) or is_texts(value),
    "the kinds of event to count",
    '["exercise", "treaty"]',
)
TEXT_TABLE = Kind(
    lambda value: (
        isinstance(value, dict)
        and all(isinstance(key, str) and isinstance(text, str) for key, text in value.items())
    ),
    "a table of texts",
    '{ oil_price_usd = "WLD" }',
)
UNTIL = Kind(
    lambda value: isinstance(value, str) or is_whole(value), "a juncture or a year", "2014"
)

# Keys every hypothesis has, whatever its design.
ALWAYS: Mapping[str, Kind] = {
    "id": TEXT,
    "claim": TEXT,
    "paper": TEXT,
    "locator": TEXT,
    "design": TEXT,
    "family": TEXT,
    "gate": TEXT_OR_BLANK,
    "placebos": TEXTS,
    "role": one_of(*ROLES),
    "declared": DATE,
}
# Keys every hypothesis has that estimates something itself.
ESTIMATING: Mapping[str, Kind] = {
    "outcome": TEXT,
    "transform": one_of(*TRANSFORMS),
    "units": SOME_TEXTS,
    "comparison": TEXTS,
    "alternative": one_of(*ALTERNATIVES),
    "alpha": LEVEL,
    "effect_unit": one_of(*EFFECT_UNITS),
    "smallest_effect": SIZE,
    "claimed_effect": SIZE,
}
# Keys that any hypothesis may have; blank where its design does not read them.
PERHAPS: Mapping[str, Kind] = {
    "junctures": TEXTS,
    "exposure": TEXT_OR_BLANK,
    "controls": TEXTS,
    "term": TEXT_OR_BLANK,
    "trend": one_of(*TRENDS),
    "period": PERIOD,
    "beside": TEXT_OR_BLANK,
    "unit_of": TEXT_TABLE,
    "transform_of": TEXT_TABLE,
    "look": Kind(lambda value: isinstance(value, list), "a list of tables", "[[hypothesis.look]]"),
}


@dataclass(frozen=True, slots=True)
class DesignKeys:
    """The keys a design reads beyond the common ones.

    Attributes:
        needs: Keys that must be there and not be blank.
        reads: Keys that may be there.
        own: What the keys may hold that only this design, or few, know.
        either: Keys of which one must be there and not be blank.
        estimates: Whether it estimates something itself, rather than judging other hypotheses.
    """

    needs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    own: Mapping[str, Kind] = field(default_factory=dict)
    either: tuple[str, ...] = ()
    estimates: bool = True

    def uses(self, key: str) -> bool:
        """Whether the design does anything with `key`."""
        return key in (*self.needs, *self.reads, *self.either, *self.own)


STEPS = ("junctures", "term")
SERIES = ("trend", "controls", "comparison", "error_model")
DESIGNS: Mapping[str, DesignKeys] = {
    "steps": DesignKeys(STEPS, SERIES),
    "counts": DesignKeys(STEPS, SERIES),
    "shares": DesignKeys((*STEPS, "denominator"), SERIES, {"denominator": TEXT}),
    "date_set": DesignKeys(
        ("junctures", "statistic"),
        ("term", "comparison"),
        {"statistic": one_of("sum", "window", "lag"), "weights": WEIGHTS},
    ),
    "break_date": DesignKeys(
        ("search", "expected"),
        ("term", *SERIES, "junctures"),
        {"search": PERIOD, "expected": PERIOD},
    ),
    "kink": DesignKeys(STEPS, SERIES),
    "lags": DesignKeys(
        ("max_lag",), ("term", *SERIES), {"max_lag": WHOLE}, either=("junctures", "exposure")
    ),
    "equivalence": DesignKeys(
        (), ("term", *SERIES), {"of": TEXT_OR_BLANK, "until": UNTIL}, either=("of", "junctures")
    ),
    "firsts": DesignKeys(
        ("events", "junctures", "window_months"),
        ("term",),
        {"events": FILTER, "window_months": WHOLE},
    ),
    "order": DesignKeys(("junctures",), ("term", *SERIES)),
    "gap": DesignKeys(
        ("junctures", "comparison", "weighting"),
        ("term", "trend", "controls", "error_model", "weights"),
        {"weighting": one_of("mean", "demeaned", "synthetic", "detrended")},
    ),
    "event_study": DesignKeys(
        ("comparison", "window", "reference"),
        ("junctures", "term", "controls", "trend"),
        {"window": WINDOW, "reference": Kind(is_whole, "a whole number", "-1")},
    ),
    "panel": DesignKeys(
        ("exposure", "model"),
        ("term", "junctures", "controls", "comparison", "trend"),
        {
            "moderator": TEXT_OR_BLANK,
            "lags": LAGS,
            "effects": TEXTS,
            "model": one_of("ols", "difference", "poisson"),
            "carry": TEXT_TABLE,
        },
    ),
    "relation": DesignKeys(
        ("exposure", "lags", "direction"),
        ("term", *SERIES),
        {"lags": LAGS, "direction": one_of("forward", "both")},
    ),
    "bounds": DesignKeys(("exposure", "lags"), ("term", *SERIES), {"lags": LAGS}),
    "moderation": DesignKeys(
        ("exposure", "moderator"), ("term", *SERIES, "lags"), {"moderator": TEXT, "lags": LAGS}
    ),
    "nonnested": DesignKeys(
        ("exposure", "rival_exposure"),
        ("term", *SERIES),
        {"rival_exposure": TEXT, "lags": LAGS},
    ),
    "mediation": DesignKeys(
        ("junctures", "mediator"), ("term", *SERIES), {"mediator": TEXT, "lags": LAGS}
    ),
    "asymmetry": DesignKeys(STEPS, SERIES),
    "all_of": DesignKeys(("members",), (), {"members": SOME_TEXTS}, estimates=False),
    **{
        name: DesignKeys(
            own={"members": TEXTS, "of": TEXT_OR_BLANK}, either=("members", "of"), estimates=False
        )
        for name in ("placebo_set", "sensitivity", "multiverse")
    },
    "fact": DesignKeys(estimates=False),
    "none": DesignKeys(("reason",), own={"reason": TEXT}, estimates=False),
}

LOOK: Mapping[str, Kind] = {
    "name": TEXT,
    "junctures": SOME_TEXTS,
    "period": PERIOD,
    "transform": one_of(*TRANSFORMS),
    "source": TEXT,
    "weights": WEIGHTS,
    "error_model": one_of(*ERROR_MODELS),
    "comparison": TEXTS,
    "controls": TEXTS,
    "trend": one_of(*TRENDS),
}


def keys_of(design: str) -> Mapping[str, Kind]:
    """Every key a hypothesis with this design may have."""
    return {**ALWAYS, **ESTIMATING, **PERHAPS, **DESIGNS[design].own}


def required_keys(design: str) -> tuple[str, ...]:
    """Every key a hypothesis with this design must have."""
    keys = DESIGNS[design]
    common = (*ALWAYS, *ESTIMATING) if keys.estimates else tuple(ALWAYS)
    return (*common, *(key for key in keys.needs if key not in common))
