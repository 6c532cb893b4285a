"""The form of every table of a study: its columns, what they hold, and its key."""

from __future__ import annotations

from analysis import paths
from analysis.records.columns import Column, Form
from analysis.records.designs import TRANSFORMS
from analysis.records.operations import OPERATIONS

UNIT_KINDS = ("state", "dyad", "directed_dyad", "group")
CONSTRUCTS = ("threat", "perception", "cooperation", "energy", "confrontation", "control")
SCALES = ("count", "amount", "share", "index", "binary")
STATUSES = ("reported", "estimated", "computed", "interpolated", "recalled", "missing")
JUNCTURE_ROLES = ("claimed", "alternate", "rival", "placebo")
DATE_PRECISIONS = ("day", "month", "year")
YES_OR_NO = ("yes", "no")
# A member is standardised in any case, over the years of its index and not its own.
MEMBER_TRANSFORMS = tuple(name for name in TRANSFORMS if name != "standardise")
DIRECTIONS = ("1", "-1")

SOURCES = Form(
    paths.SOURCES,
    key=("source",),
    columns=(
        Column("source", holds="code", names=("reference",)),
        Column("producer"),
        Column("title"),
        Column("version"),
        Column("url", blank=True),
        Column("licence"),
        Column("accessed", holds="day", blank=True),
        Column("file", blank=True, several=True),
        Column("sha256", blank=True, several=True),
    ),
)

UNITS = Form(
    paths.UNITS,
    key=("unit",),
    columns=(
        Column("unit"),
        Column("name"),
        Column("kind", choices=UNIT_KINDS),
        Column("side_a", blank=True),
        Column("side_b", blank=True),
        Column("first_year", holds="year", blank=True),
        Column("last_year", holds="year", blank=True),
        Column("note", blank=True),
    ),
)

CODEBOOK = Form(
    paths.CODEBOOK,
    key=("variable",),
    columns=(
        Column("variable"),
        Column("label"),
        Column("construct", choices=CONSTRUCTS),
        Column("component", blank=True),
        Column("measured_in"),
        Column("scale", choices=SCALES),
        Column("higher_means", blank=True),
        Column("lower_bound", holds="number", blank=True),
        Column("upper_bound", holds="number", blank=True),
        Column("sources", blank=True, names=("source",), several=True),
        Column("coverage_first", holds="year", blank=True),
        Column("coverage_last", holds="year", blank=True),
        Column("derived_from", blank=True, names=("variable",), several=True),
        Column("note", blank=True),
    ),
)

OBSERVATIONS = Form(
    paths.OBSERVATIONS,
    key=("unit", "year", "variable", "source"),
    columns=(
        Column("unit", names=("unit",)),
        Column("year", holds="year"),
        Column("variable", names=("variable",)),
        Column("value", holds="number", blank=True),
        Column("status", choices=STATUSES),
        Column("source", names=("source",)),
        Column("locator", blank=True),
        Column("note", blank=True),
    ),
)

EVENTS = Form(
    paths.EVENTS,
    key=("event",),
    columns=(
        Column("event", holds="code"),
        Column("unit", names=("unit",)),
        Column("date", holds="date"),
        Column("date_precision", choices=DATE_PRECISIONS),
        Column("kind"),
        Column("domain", blank=True),
        Column("first_of_kind", blank=True, choices=YES_OR_NO),
        Column("value", holds="number", blank=True),
        Column("unit_of_value", blank=True),
        Column("status", choices=STATUSES),
        Column("source", names=("source",)),
        Column("locator", blank=True),
        Column("note", blank=True),
    ),
    may_be_empty=True,
)

JUNCTURES = Form(
    paths.JUNCTURES,
    key=("juncture",),
    columns=(
        Column("juncture", holds="code"),
        Column("label"),
        Column("role", choices=JUNCTURE_ROLES),
        Column("date", holds="day"),
        Column("onset", holds="year"),
        Column("end", holds="date", blank=True),
        Column("target", blank=True, names=("unit",), several=True),
        Column("source", names=("source", "reference")),
        Column("rationale", blank=True),
    ),
    may_be_empty=True,
)

CLAIMS = Form(
    paths.CLAIMS,
    key=("claim",),
    columns=(
        Column("claim", holds="code"),
        Column("paper", names=("reference",)),
        Column("locator"),
        Column("statement"),
        Column("operation", blank=True, choices=tuple(OPERATIONS)),
        Column("series", blank=True, names=("variable",), several=True),
        Column("units", blank=True, names=("unit",), several=True),
        Column("years", blank=True),
        Column("comparison", blank=True),
        Column("bound", blank=True),
        Column("expected", blank=True),
        Column("source", blank=True, names=("source", "reference"), several=True),
        Column("tolerance", holds="number", blank=True, optional=True),
        Column("events", blank=True, names=("event",), several=True, optional=True),
        Column("kinds", blank=True, several=True, optional=True),
        Column("domains", blank=True, several=True, optional=True),
        Column("needs", blank=True, optional=True),
        Column("note", blank=True, optional=True),
        Column("seeds", blank=True, several=True, optional=True),
    ),
    may_be_empty=True,
)

COMPOSITES = Form(
    paths.COMPOSITES,
    key=("composite", "subject", "component", "variable", "unit"),
    columns=(
        Column("composite"),
        Column("subject", names=("unit",)),
        Column("component"),
        Column("variable", names=("variable",)),
        Column("unit", names=("unit",)),
        Column("transform", choices=MEMBER_TRANSFORMS),
        Column("direction", choices=DIRECTIONS),
        Column("note", blank=True),
    ),
    may_be_empty=True,
    optional=True,
)

FORMS = (SOURCES, UNITS, CODEBOOK, OBSERVATIONS, EVENTS, JUNCTURES, CLAIMS, COMPOSITES)
