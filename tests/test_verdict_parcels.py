"""Trials made side by side are those made one after the other, and share what they share there."""

from dataclasses import replace

from analysis.calibration.measure import Gauge
from analysis.calibration.steps import StepsTest
from analysis.records.study import read_study
from analysis.replication.documents import make_documents
from analysis.replication.outcome import make_ground, run_study
from analysis.verdict.docket import Docket, decision_order, try_all
from analysis.verdict.parcels import Post
from analysis.verdict.trial import Trial, try_hypothesis
from tests.made_study import EXPORTS, SMALL, claim, noise, write_made_study

OTHER = ("USA", "exports_usd")
CLAIMS = (
    claim(),
    claim(id="M-2.fall", alternative="less"),
    claim(id="M-3.bend", design="kink"),
    claim(id="M-4.gap", comparison=["USA"]),
    claim(id="M-5.refused", period=[2008, 2012]),
)
EFFORT = replace(SMALL, again=50)


def made(path):
    write_made_study(path, {EXPORTS: noise(1, step=3), OTHER: noise(2)}, CLAIMS)
    return read_study(path)


def test_one_and_two_processes_give_the_same_record(tmp_path):
    made(tmp_path)

    one, two = (
        make_documents(run_study(tmp_path, effort=EFFORT, jobs=jobs), EFFORT) for jobs in (1, 2)
    )

    for name in ("verdicts", "calibration", "numbers", "curves", "paths"):
        assert getattr(one, name) == getattr(two, name), name


def test_claims_on_one_series_share_one_test_and_one_law(tmp_path):
    study = made(tmp_path)
    ground = make_ground(study, EFFORT, jobs=2)
    docket = Docket(study.hypotheses, "holm")

    try_all(docket, ground, Gauge(ground.shelf, EFFORT.reach), lambda _: None)

    first, second = docket.trials["M-1.exports"].test, docket.trials["M-2.fall"].test
    assert isinstance(first, StepsTest)
    assert first is second
    assert first.law is ground.shelf.law(
        first.design.layout, first.design.contrasts, first.design.joint
    )
    assert decision_order(study.hypotheses)[-1] in docket.refusals


def test_a_parcel_holds_names_of_what_both_sides_have(tmp_path):
    study = made(tmp_path)
    ground = make_ground(study, EFFORT, jobs=2)
    trial = try_hypothesis(study.hypotheses["M-1.exports"], ground)
    assert isinstance(trial, Trial)
    law = trial.test.law

    before = Post(make_ground(study, EFFORT), make_ground(study, EFFORT))
    after = Post(ground, ground.of_one_process)

    assert len(after.pack(trial)) < len(before.pack(trial)) - law.magnitudes.nbytes / 2
    again = after.unpack(after.pack(trial))
    assert again.test.law is law
    assert again.reading == trial.reading
    assert after.unpack(after.pack("a reason")) == "a reason"
