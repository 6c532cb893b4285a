"""A made study with a claim of every design, to see that readers can hold whatever is decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.made_study import EXPORTS, YEARS, claim, noise, write_made_study

VISITS = ("JPN-USA", "visits_count")
VOTES = ("JPN-USA", "votes_agreement_share")
BOTH = ["treaty", "accord"]
EVENTS = "\n".join(
    [
        "event,unit,date,date_precision,kind,domain,first_of_kind,value,unit_of_value,status,"
        "source,locator,note",
        *(
            f"e{month:02},JPN-USA,2010-{month:02},month,launch,sea,yes,,,reported,diary,p. {month},"
            for month in range(3, 12)
        ),
        "f1,JPN-USA,1999-05,month,launch,sea,yes,,,reported,diary,p. 1,",
        "",
    ]
)
NO_SERIES = ("outcome", "transform", "units", "comparison", "junctures", "exposure", "controls",
             "term", "alternative", "effect_unit", "smallest_effect", "claimed_effect",
             "alpha")  # fmt: skip


def judging(name: str, design: str, **changes: Any) -> dict[str, Any]:
    """A claim about other claims, without a series of its own."""
    whole = claim(id=name, design=design, family="W", **changes)
    return {key: value for key, value in whole.items() if key not in NO_SERIES}


def every_claim() -> list[dict[str, Any]]:
    """One claim of each design, and some parts beside the first."""
    looks = [
        {"name": "from 1995", "period": [1995, 2022]},
        {"name": "parabola", "trend": "quadratic"},
    ]
    dated = {"junctures": ["treaty"], "term": "treaty"}
    visits = {
        "outcome": "visits_count",
        "units": ["JPN-USA"],
        "effect_unit": "rate_ratio",
        "smallest_effect": 1.5,
        "claimed_effect": 3.0,
    }
    related = {
        "junctures": [],
        "term": "",
        "exposure": "visits_count",
        "lags": 1,
        "unit_of": {"visits_count": "JPN-USA"},
        "smallest_effect": 0.3,
        "claimed_effect": 0.6,
    }
    others = ["JPN", "USA", "JPN-USA"]
    quiet = [
        claim(id=f"P-{n}", family="P", role="placebo", junctures=["quiet"], term="quiet")
        for n in range(1, 4)
    ]
    own = [
        claim(id="D-01.steps", look=looks, placebos=["P-1"]),
        claim(id="D-01.less", beside="D-01.steps", alternative="less"),
        claim(id="D-01.both", beside="D-01.steps", junctures=BOTH, term="total", family="M"),
        claim(id="D-02.dates", design="date_set", junctures=["quiet", *BOTH], statistic="sum",
              term="", family="N"),
        claim(id="D-03.break", design="break_date", junctures=[], term="", search=[1996, 2018],
              expected=[2009, 2011], family="N"),
        claim(id="D-04.kink", design="kink", family="N", **dated),
        claim(id="D-05.lags", design="lags", max_lag=2, family="N", **dated),
        claim(id="D-06.order", design="order", junctures=["quiet", *BOTH], term="", family="N"),
        claim(id="D-07.counts", design="counts", family="N", **visits),
        claim(id="D-08.shares", design="shares", outcome="votes_agreement_share",
              units=["JPN-USA"], denominator="visits_count", effect_unit="points",
              smallest_effect=10.0, claimed_effect=30.0, family="N"),
        claim(id="D-09.gone", design="equivalence", term="", until=2016, smallest_effect=3.0,
              family="N"),
        claim(id="D-10.firsts", design="firsts", events="launch", window_months=12, term="",
              family="N", **visits),
        claim(id="D-11.relation", design="relation", direction="forward", family="N", **related),
        claim(id="D-12.bounds", design="bounds", family="N", **related),
        claim(id="D-13.moderation", design="moderation", moderator="votes_agreement_share",
              family="N", **{**related, "unit_of": {**related["unit_of"],
              "votes_agreement_share": "JPN-USA"}}),
        claim(id="D-14.rivals", design="nonnested", rival_exposure="votes_agreement_share",
              family="N", **{**related, "unit_of": {**related["unit_of"],
              "votes_agreement_share": "JPN-USA"}}),
        claim(id="D-15.mediation", design="mediation", mediator="visits_count", family="N",
              unit_of={"visits_count": "JPN-USA"}, **dated),
        claim(id="D-16.gap", design="gap", comparison=others, weighting="mean", family="N",
              **dated),
        claim(id="D-17.leads", design="event_study", window=[-3, 5], reference=-1, term="leads",
              comparison=others, family="N", junctures=["treaty"]),
        claim(id="D-18.asymmetry", design="asymmetry", units=["JPN>USA", "JPN-USA"], family="N",
              **dated),
    ]  # fmt: skip
    judged = [
        judging("D-20.all", "all_of", members=["D-01.steps", "D-04.kink"]),
        judging("D-21.signs", "multiverse", of="D-01.steps"),
        judging("D-22.lost", "sensitivity", of="D-01.steps", role="rival",
                controls=["visits_count"], unit_of={"visits_count": "JPN-USA"}),
        judging("D-23.none", "none", reason="No instrument measures friendship."),
        judging("P-0.set", "placebo_set", members=["P-1", "P-2", "P-3"], role="placebo"),
    ]  # fmt: skip
    judged[2]["controls"] = ["visits_count"]
    return [*own, *quiet, *judged]


def write_every_design(path: Path) -> Path:
    """Write the study."""
    rng = np.random.default_rng(3)
    visits = pd.Series(rng.poisson(np.where(YEARS >= 2010, 40, 12)), index=YEARS, dtype=float)
    share = pd.Series(rng.binomial(40, np.where(YEARS >= 2010, 0.7, 0.3)), index=YEARS) / 40
    values = {EXPORTS: noise(step=6), VISITS: visits, VOTES: share.round(6)}
    values |= {
        (unit, "exports_usd"): noise(seed, sd=1.0)
        for seed, unit in enumerate(["JPN", "USA", "JPN-USA"])
    }
    write_made_study(path, values, every_claim())
    (path / "data/events.csv").write_text(EVENTS, encoding="utf-8", newline="\n")
    return path
