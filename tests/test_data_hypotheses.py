"""Every claim of the register is declared, with its direction and sizes, and decided once."""

import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from analysis import load_study

ROOT = Path(__file__).parents[1]
REGISTER = json.loads((ROOT / "tests/reference/register.json").read_text("utf-8"))["claims"]
DECLARED = tomllib.loads((ROOT / "data/hypotheses.toml").read_text("utf-8"))["hypothesis"]
BY_ID = {table["id"]: table for table in DECLARED}
PAGE = (ROOT / "docs/decisions/0013-claims-of-the-first-road.md").read_text("utf-8")
WITHOUT_TEST = ("none", "fact")
# Designs whose claim is read as "greater": room left, share taken away, one beyond its rival.
READ_AS_GREATER = ("equivalence", "sensitivity", "nonnested")
WITHOUT_ESTIMATE = (*WITHOUT_TEST, "all_of", "placebo_set", "multiverse")
MANY_UNITS = ("panel",)


def deciding(name):
    return BY_ID[f"{name}.{REGISTER[name]['decides']}"]


def test_the_register_holds_94_claims_with_235_parts():
    assert len(REGISTER) == 94
    assert sum(len(claim["parts"]) for claim in REGISTER.values()) == 235


def test_ids_are_unique_and_each_belongs_to_a_claim_of_the_register():
    assert len(BY_ID) == len(DECLARED)
    assert {name.split(".")[0] for name in BY_ID} == set(REGISTER)


@pytest.mark.parametrize("name", REGISTER)
def test_each_claim_has_one_part_that_decides_and_the_others_stand_beside_it(name):
    parts = [table for table in DECLARED if table["id"].startswith(f"{name}.")]
    chosen = f"{name}.{REGISTER[name]['decides']}"

    assert [table["id"] for table in parts if not table.get("beside")] == [chosen]
    assert {table["beside"] for table in parts if table["id"] != chosen} <= {chosen}


@pytest.mark.parametrize("name", REGISTER)
def test_every_part_is_declared_with_its_design_and_direction(name):
    for part, fields in REGISTER[name]["parts"].items():
        design, direction = fields.split()
        table = BY_ID[f"{name}.{part}"]
        assert table["design"] in (design, "none"), table["id"]
        if table["design"] not in WITHOUT_ESTIMATE:
            wanted = "greater" if design in READ_AS_GREATER else direction
            assert table["alternative"] == wanted, table["id"]


@pytest.mark.parametrize("name", REGISTER)
def test_what_decides_has_the_registered_family_role_gate_and_sizes(name):
    claim, table = REGISTER[name], deciding(name)
    gate = claim["gate"] and f"{claim['gate']}.{REGISTER[claim['gate']]['decides']}"
    every = [each for each in DECLARED if each["id"].startswith(f"{name}.")]

    assert {(each["family"], each["role"]) for each in every} == {(claim["family"], claim["role"])}
    assert {each["gate"] for each in every} == {gate}
    assert table["design"] in (claim["design"], "none")
    if "smallest_effect" not in table:
        assert table["design"] in WITHOUT_ESTIMATE
        return
    sizes = (table["effect_unit"], table["smallest_effect"], table["claimed_effect"])
    if table["design"] == "nonnested":  # without a size of its own: that of relations
        assert claim["smallest"] == 0
        assert sizes == ("sd", 0.3, 0.3)
    elif table["design"] == "sensitivity":  # a share of the effect, in points
        assert sizes == ("points", 100 * claim["smallest"], 100 * claim["claimed"])
    else:
        assert sizes == (claim["effect_unit"], claim["smallest"], claim["claimed"])


@pytest.mark.parametrize("name", [n for n, claim in REGISTER.items() if claim["decides"] == "all"])
def test_parts_of_a_claim_that_all_hold_together_are_members_with_its_sizes(name):
    claim, table = REGISTER[name], deciding(name)
    parts = [BY_ID[f"{name}.{part}"] for part in claim["parts"]]
    tested = [part for part in parts if part["design"] != "none"]

    if table["design"] == "none":
        assert len(tested) < len(parts)  # a part without a test is why
    else:
        assert table["members"] == [part["id"] for part in parts]
    for part in tested:
        if part["effect_unit"] == claim["effect_unit"]:
            assert (part["smallest_effect"], part["claimed_effect"]) == (
                claim["smallest"], claim["claimed"],
            )  # fmt: skip


def test_gates_can_be_tested():
    gates = {table["gate"] for table in DECLARED if table["gate"]}

    assert {gate.split(".")[0] for gate in gates} == {"J-01", "W-5", "A-00", "A-01"}
    assert not [gate for gate in gates if BY_ID[gate]["design"] in WITHOUT_TEST]


def test_what_cannot_be_tested_says_what_is_missing():
    for table in DECLARED:
        if table["design"] == "none":
            reason = table["reason"]
            assert re.search(r"needed|could be made|stands? beside|a statement of fact", reason), (
                table["id"]
            )


def test_placebos_are_of_the_design_and_outcome_of_their_claim():
    for table in DECLARED:
        for name in table["placebos"]:
            placebo = BY_ID[name]
            keys = ("design", "outcome", "units", "transform")
            assert [placebo[key] for key in keys] == [table[key] for key in keys], table["id"]


def test_every_claim_about_one_series_has_the_twenty_values_it_needs():
    panel = load_study(ROOT).panel
    for table in DECLARED:
        if table["design"] in (*WITHOUT_ESTIMATE, *MANY_UNITS, "sensitivity"):
            continue
        first, last = table.get("period", (1992, 2022))
        for unit in table["units"]:
            years = panel.series(table["outcome"], unit).index
            assert ((years >= first) & (years <= last)).sum() >= 20, table["id"]


def test_the_page_on_the_claims_counts_them_as_they_are():
    """Rows of its table: family, claims, with a test, facts, none."""
    rows = re.findall(r"^\| (F\d|D|P) [^|]*\| (\d+) \| (\d+) \| (\d+) \| (\d+) \|", PAGE, re.M)
    counts = {family: tuple(map(int, numbers)) for family, *numbers in rows}
    found = {}
    for family in sorted({claim["family"] for claim in REGISTER.values()}):
        names = [name for name, claim in REGISTER.items() if claim["family"] == family]
        kinds = Counter(deciding(name)["design"] for name in names)
        tested = len(names) - kinds["none"] - kinds["fact"]
        found[family] = (len(names), tested, kinds["fact"], kinds["none"])

    assert counts == found
