"""What `explain` prints: the estimate in words, then the conditions of the rule by finding."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from analysis.cli.screen import output
from analysis.exhibits.claim_numbers import interval_names
from analysis.exhibits.screen_words import (
    contradicted_by,
    own_unit,
    unit_of_field,
    why_p_is_larger,
)
from analysis.verdict.rule import SUPPORT

Verdict = Mapping[str, Any]
Numbers = Mapping[str, Any]

# In the order of the rule, but that power is asked after the sign.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "testable": ("design answers", "power at claim"),
    "contradicted by sign": ("other side of zero",),
    "negligible": ("smaller than matters",),
    "supported": SUPPORT,
    "contradicted by size": ("effect of S rejected", "looks below S"),
}
EFFECTS = ("other side of zero", "smaller than matters", "large enough")
UNCHECKED = "not checked"
WORDS = {"yes": "all hold", "no": "no", "later": "not asked"}


def print_explanation(verdict: Verdict, numbers: Numbers) -> None:
    """The finding with its reason, and each condition: held or failed, and by how much."""
    console = output()
    finding = " ".join(filter(None, (verdict["finding"], contradicted_by(verdict))))
    console.print(Text(f"{verdict['id']}: {finding}", style="bold"))
    for line in (verdict["claim"], verdict["reason"], *_say_estimate(verdict, numbers)):
        console.print(Text(line))
    if not verdict["conditions"]:
        return
    console.print()
    console.print(_tabulate(verdict))
    console.print()
    for line in _footnotes(verdict, numbers):
        console.print(Text(line, style="dim"))


def _say_estimate(verdict: Verdict, numbers: Numbers) -> list[str]:
    """The estimate with its interval and unit, and p; nothing for claims that have none."""
    if verdict["estimate"] is None:
        return []
    text = {
        field: numbers[f"{verdict['id']}.{field}"]["text"]
        for field in ("estimate", "interval", "estimate_outcome", "interval_outcome")
    }
    p, corrected = (
        numbers[f"{verdict['id']}.{field}"]["text"] for field in ("p_value", "p_adjusted")
    )
    wide, _ = interval_names(verdict["alpha"])
    unit, outcome_unit = unit_of_field(verdict, "estimate"), verdict["outcome_unit"]
    said = f"Estimate: {text['estimate']} {unit} ({wide} % interval {text['interval']})"
    if own_unit(verdict) or unit != outcome_unit:
        said += f", that is {text['estimate_outcome']} {outcome_unit} ({text['interval_outcome']})"
    lines = [f"{said}; p {p}, corrected {corrected}."]
    if verdict["conversion_words"] and outcome_unit in verdict["conversion_words"]:
        lines.append(f"Unit: {verdict['conversion_words']}.")
    if why := why_p_is_larger(verdict):
        lines.append(f"The interval is that of the estimate alone; {why}.")
    return lines


def _tabulate(verdict: Verdict) -> Table:
    by_name = {each["name"]: each for each in verdict["conditions"]}
    table = Table(box=None, pad_edge=False)
    for heading in ("condition", "holds", "number", "bound"):
        table.add_column(heading, overflow="fold")
    decided = False
    for finding, names in GROUPS.items():
        conditions = [by_name[name] for name in names if name in by_name]
        if not conditions:
            continue
        holds = all(each["holds"] for each in conditions)
        word = WORDS["later" if decided else "yes" if holds else "no"]
        heading = f"{finding}, if" if len(conditions) == 1 else f"{finding}, if all of"
        table.add_row(Text(heading, "bold"), Text(word, "bold"))
        decided |= finding != "testable" and holds
        for each in conditions:
            value = "" if each["value"] is None else f"{each['value']:.4g}"
            said = _say_holds(each)
            bound = "none declared or available" if said == UNCHECKED else each["bound"]
            table.add_row(*map(Text, (f"  {each['name']}", said, value, bound)))
    return table


def _say_holds(condition: Mapping[str, Any]) -> str:
    """Whether it holds; what was not declared is neither met nor failed."""
    if condition["holds"] and condition["value"] is None and condition["name"] != "design answers":
        return UNCHECKED
    return "yes" if condition["holds"] else "no"


def _footnotes(verdict: Verdict, numbers: Numbers) -> Sequence[str]:
    """Say how the table is to be read: the order of findings, S, and the unit of the numbers."""
    if verdict["finding"] == "untestable":
        return []
    lines = [
        "The first finding whose conditions all hold is the one given; if none is, the claim is "
        "inconclusive. A condition for which nothing is declared does not stand in the way.",
        f"Numbers of {', '.join(EFFECTS[:-1])} and {EFFECTS[-1]} are in {verdict['outcome_unit']}, "
        "positive as claimed; the others are shares and p-values.",
    ]
    smallest = numbers[f"{verdict['id']}.smallest_effect"]["text"]
    if verdict["smallest_effect"] is not None:
        unit = unit_of_field(verdict, "smallest_effect")
        lines.append(f"S is the smallest effect that matters, {smallest} {unit}.")
    return lines
