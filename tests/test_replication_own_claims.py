"""Claims about a panel of one's own, decided by the rule that decides a study's."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import DataError, UsageError
from analysis.panel.panel import Panel
from analysis.replication.outcome import Effort
from analysis.replication.own_claims import decide_claims
from analysis.verdict.rule import Finding

EFFORT = Effort(
    draws=999, law=400, reach=500, look_draws=199, look_law=200, studies=100, rates=200, paths=99
)
CLAIM = """
[[hypothesis]]
id = "OWN.{outcome}"
claim = "After the treaty {outcome} stepped up."
paper = "mine"
locator = "p. 1"
design = "steps"
outcome = "{outcome}"
transform = "none"
units = ["A"]
comparison = []
junctures = ["treaty"]
term = "treaty"
alternative = "greater"
alpha = 0.05
effect_unit = "sd"
smallest_effect = 1.0
claimed_effect = 3.0
family = "own"
gate = ""
placebos = []
role = "primary"
declared = 2026-01-02
"""
LOOK = """
[[hypothesis.look]]
name = "parabola"
trend = "quadratic"
"""


@pytest.fixture(scope="module")
def panel() -> Panel:
    years = np.arange(1990, 2023)
    noise = np.random.default_rng(3).standard_normal((2, len(years)))
    table = {"state": "A", "year": years, "visits": noise[0] + 6 * (years >= 2010),
             "calls": noise[1]}  # fmt: skip
    return Panel.from_frame(pd.DataFrame(table), unit="state", year="year")


@pytest.fixture(scope="module")
def decided(panel):
    text = CLAIM.format(outcome="visits") + LOOK + CLAIM.format(outcome="calls")
    return decide_claims(panel, text, junctures={"treaty": 2010}, effort=EFFORT)


def test_a_planted_step_is_supported_and_an_absent_one_is_not(decided):
    assert decided["OWN.visits"].finding == Finding.SUPPORTED
    assert decided["OWN.calls"].finding != Finding.SUPPORTED
    assert list(decided) == ["OWN.calls", "OWN.visits"]
    assert len(decided) == 2


def test_members_of_a_family_are_corrected_together(panel, decided):
    """Holm on two: the smaller p is doubled."""
    alone = decide_claims(
        panel, CLAIM.format(outcome="visits"), junctures={"treaty": 2010}, effort=EFFORT
    )

    corrected = decided["OWN.visits"].fields["p_adjusted"]
    assert corrected == pytest.approx(2 * alone["OWN.visits"].fields["p_adjusted"])


def test_verdicts_show_what_a_report_would_print(decided):
    table = decided.to_frame()
    verdict = decided["OWN.visits"]

    assert table.loc["OWN.visits", "finding"] == "supported"
    assert " to " in table.loc["OWN.visits", "interval"]
    assert verdict.conditions().loc["corrected p", "holds"]
    assert verdict.looks().loc["parabola", "changes"] == "trend"
    assert decided["OWN.calls"].looks().empty
    assert "<table" in decided._repr_html_()
    assert "OWN.calls: " in repr(decided)
    assert decided.to_dict()["OWN.visits"]["finding"] == "supported"
    assert "treaty" in decided.hypotheses["OWN.visits"]._repr_html_()


def test_every_fault_of_a_declaration_is_said_at_once(panel):
    text = CLAIM.format(outcome="visists").replace('"steps"', '"stepps"')

    with pytest.raises(DataError) as raised:
        decide_claims(panel, text, junctures={"treaty": 2010}, effort=EFFORT)

    assert 'no design "stepps"; did you mean steps' in str(raised.value)
    assert 'variable "visists" is not listed; did you mean visits' in str(raised.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [("[[hypothesis]", "this is not TOML"), ("", "no hypothesis is declared")],
)
def test_what_is_no_declaration_is_refused(panel, text, words):
    with pytest.raises(DataError, match=words):
        decide_claims(panel, text, junctures={"treaty": 2010}, effort=EFFORT)


def test_unknown_words_are_refused(panel, decided):
    with pytest.raises(UsageError, match='no correction "bonferroni"'):
        decide_claims(panel, CLAIM, junctures={}, multiplicity="bonferroni")
    with pytest.raises(UsageError, match=r"no verdict on OWN\.visit; did you mean OWN\.visits"):
        _ = decided["OWN.visit"]
