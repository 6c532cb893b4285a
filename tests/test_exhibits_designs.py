"""The report holds whatever is decided: every design, any unit, effects that are none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from analysis.exhibits.record import read_json
from analysis.exhibits.report import build_report
from analysis.paths import StudyPaths
from analysis.replication.documents import make_documents, write_documents
from analysis.replication.outcome import Effort, run_study
from tests.every_design import every_claim, write_every_design
from tests.made_study import noise

LEAST = Effort(draws=99, law=60, reach=60, look_draws=49, look_law=40, studies=20, rates=40,
               paths=39)  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with a claim of every design, run and reported."""
    root = write_every_design(tmp_path_factory.mktemp("every"))
    outcome = run_study(root, effort=LEAST)
    write_documents(make_documents(outcome, LEAST), StudyPaths(root))
    build_report(root, root / "reports")
    return root


def text_of(pdf: Path) -> str:
    pages = PdfReader(pdf).pages
    return re.sub(r"[\s\u200b\u00ad]", "", "".join(page.extract_text() for page in pages))


def test_every_claim_has_its_entry(study: Path):
    text = text_of(study / "reports/report.pdf")

    assert not [claim["id"] for claim in every_claim() if claim["id"] not in text]


def test_no_number_that_is_none_is_printed(study: Path):
    numbers = read_json(study / "reports/build/numbers.json")["numbers"]
    own = {name: number["text"] for name, number in numbers.items() if ".reason" not in name}

    assert not {name: text for name, text in own.items() if re.search(r"\bnan\b|None", text)}


def test_parts_beside_decide_nothing(study: Path):
    numbers = read_json(study / "reports/build/numbers.json")["numbers"]
    claims = [c for c in every_claim() if not c.get("beside") and c["role"] != "placebo"]

    assert numbers["study.n_claims"]["value"] == len(claims)
    assert numbers["study.n_parts"]["value"] == 2
    assert numbers["study.n_placebos"]["value"] == 3  # the set that counts them is none itself


def test_statements_of_fact_are_in_the_record(study: Path):
    facts = read_json(study / "reports/build/verdicts.json")["facts"]

    least = noise(step=6).loc[2010:2022].min()  # C01: above 100 in every year from 2010

    assert [fact["claim"] for fact in facts] == ["C01"]
    assert float(facts[0]["observed"]) == pytest.approx(least, rel=5e-4)  # four digits are printed
    assert facts[0]["finding"] == ("supported" if least > 100 else "contradicted")


def test_tables_and_brief_are_there(study: Path):
    tables = {path.name for path in (study / "reports/tables").iterdir()}

    assert {"claims.md", "claims.tex", "parts.md", "placebos.tex", "multiverse.md"} <= tables
    assert len(PdfReader(study / "reports/brief.pdf").pages) <= 2
