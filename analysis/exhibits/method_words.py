"""The methods in words: one paragraph for each design a study uses, with its reference.

The equations of the same names stand in the template.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from analysis.exhibits.pieces import read_pieces


@dataclass(frozen=True, slots=True)
class Method:
    """One design in words.

    Attributes:
        title: What it asks.
        text: How it is answered; names of works in braces.
        equation: Key of an equation of the template; "" for none.
    """

    title: str
    text: str
    equation: str = ""


STEPS = (
    "Level, trend, steps and autocorrelation are estimated by restricted maximum likelihood. "
    "Because series of this length are too short for the usual tables ({cite.turner2021}), "
    "p-values and intervals come from the distribution that the same statistic has in simulated "
    "series of the same years, dates and gaps in which nothing happens, at the median-unbiased "
    "autocorrelation and change of spread ({cite.andrews1993}), with everything estimated anew in "
    "each ({cite.dufour2006}). Where that p errs too often, the largest over the interval of the "
    "autocorrelation takes its place ({cite.berger1994})."
)
CORRECTION = (
    "Within a family of claims that are decided together p-values are corrected "
    "({cite.holm1979}); a claim with a gate is not supported unless its gate is. What is shown "
    "beside a claim is corrected among its like and decides nothing."
)

METHODS = {
    "counts": Method(
        "A rate that changes at a date",
        "A yearly count is modelled by quasi-likelihood with a log link and a latent "
        "autocorrelated process ({cite.zeger1988}); the effect is the ratio of the rates after and "
        "before. The p-value is that of the step in the stabilised roots of the counts "
        "({cite.anscombe1948}), whose spread hardly depends on their level.",
        "counts",
    ),
    "shares": Method(
        "A share that changes at a date",
        "A yearly share with a known denominator is tested on the angular scale "
        "({cite.anscombe1948}), on which its spread does not depend on its level; the effect is in "
        "percentage points.",
    ),
    "date_set": Method(
        "Change at a set of dates",
        "Is change larger at the declared dates than at other dates? The statistic of the declared "
        "set is ranked among those of all sets of as many dates equally far apart "
        "({cite.ganong2018}). It speaks of the set, not of each of its dates.",
        "date_set",
    ),
    "break_date": Method(
        "A date that is not given",
        "The likelihood ratio of a step is maximised over the years searched "
        "({cite.andrews1993break}); its law is simulated with the autocorrelation of the series. "
        "The years in which a step is not rejected form the interval of the date, which must "
        "meet the years claimed.",
        "break_date",
    ),
    "kink": Method(
        "A trend that bends at a date",
        "The series may change its slope at the date, and its level nowhere. The p-value is "
        "maximised over the interval of the autocorrelation where the plain one errs too often.",
        "kink",
    ),
    "lags": Method(
        "An effect that arrives over some years",
        "A step may arrive in parts over the years after the date, the parts on a straight line "
        "({cite.almon1965}); what is tested is their sum.",
        "lags",
    ),
    "equivalence": Method(
        "No effect that matters",
        "Two one-sided tests ({cite.schuirmann1987}): the claim stands if effects of the smallest "
        "size that matters are rejected in both directions.",
    ),
    "order": Method(
        "One stage after another",
        "Every step must be found, the p-value being the largest of all, and a staircase must "
        "describe the series better by the corrected information criterion ({cite.hurvich1989}) "
        "than a constant, a line, a parabola or a bent line.",
    ),
    "firsts": Method(
        "First events after a date",
        "The number of first events within the months after the dates is ranked among the numbers "
        "in windows of the same length placed anywhere in the period ({cite.ganong2018}).",
    ),
    "gap": Method(
        "The distance to others",
        "The series less a weighted mean of comparison units ({cite.abadie2010}), tested for steps "
        "as any series; weights fitted to the years before are fitted anew in every simulated "
        "series, without which such tests err ({cite.conley2011}).",
        "gap",
    ),
    "event_study": Method(
        "Years before and after",
        "The distance to comparison units year by year around the date; that there is none before "
        "it is tested together for all years, by the same simulated law.",
    ),
    "relation": Method(
        "Two series that move together",
        "The outcome on the present and past of the exposure, in levels, in changes, and as "
        "prediction from the past by a lag-augmented equation ({cite.toda1995}). Series that share "
        "no more than a trend pass one of the three now and then, seldom all "
        "({cite.granger1974}); p is that of the levels, raised to that of a companion that does "
        "not agree.",
        "relation",
    ),
    "bounds": Method(
        "Two series tied in the long run",
        "An error-correction equation ({cite.pesaran2001}); the lagged levels must be needed "
        "together and the outcome must return, each against its simulated law.",
        "bounds",
    ),
    "moderation": Method(
        "An effect larger where something else is high",
        "The product of exposure and moderator beside both ({cite.brambor2006}), centred, in "
        "levels.",
        "moderation",
    ),
    "nonnested": Method(
        "One explanation against another",
        "Each model is given the fitted values of the other ({cite.davidson1981}): a claim stands "
        "if its exposure adds to the rival's and the rival's model does not reject its own.",
    ),
    "mediation": Method(
        "An effect by way of something else",
        "Both paths must be found, from the date to the mediator and from the mediator to the "
        "outcome; p is the larger of the two ({cite.mackinnon2002}).",
        "mediation",
    ),
    "asymmetry": Method(
        "Who changed more",
        "The standardised difference of two units by the same instrument, tested for steps.",
        "asymmetry",
    ),
    "sensitivity": Method(
        "What rivals leave",
        "The share of an effect that is lost when rival variables enter ({cite.clogg1995}), "
        "against its law in series in which they explain nothing.",
    ),
    "panel": Method(
        "An exposure over many pairs of states",
        "Two-way fixed effects over dyads, with errors that any two dyads sharing a state may have "
        "in common ({cite.aronow2015}); p from simulated panels of the same shape.",
        "panel",
    ),
    "all_of": Method(
        "Several things together",
        "Each part must hold: p is the largest of theirs ({cite.berger1982}), the effect the "
        "smallest, in multiples of each part's own smallest effect that matters.",
    ),
    "multiverse": Method(
        "A claim along all its paths",
        "All declared looks are crossed into paths ({cite.simonsohn2020}). The estimate is the "
        "share of paths with the claimed sign, less three quarters; p is that of all paths "
        "jointly, from simulated series in which nothing happens, every path taken in each.",
    ),
    "placebo_set": Method(
        "Placebos counted",
        "How many placebos are called supported is held against a binomial law at the level of the "
        "test.",
    ),
    "fact": Method(
        "Statements of fact",
        "Read off the cells and events by every source that has them; supported or contradicted "
        "only where all readings agree, and one of them rests on no recalled value.",
    ),
}


def write_model() -> dict[str, Any]:
    """Give the paragraphs on the model of dated steps, and on correction."""
    return {"steps": read_pieces(STEPS), "correction": read_pieces(CORRECTION)}


def works_of(pieces: Iterable[Any]) -> set[str]:
    """Give the keys of the works that pieces of text cite."""
    named = (piece["n"] for piece in pieces if isinstance(piece, dict) and "n" in piece)
    return {name.removeprefix("cite.") for name in named if name.startswith("cite.")}


def lay_out_methods(designs: Iterable[str]) -> list[dict[str, Any]]:
    """Give the paragraphs of the designs used, in the order of `METHODS`."""
    used = set(designs)
    return [
        {
            "title": method.title,
            "pieces": read_pieces(method.text),
            "equation": method.equation or None,
        }
        for design, method in METHODS.items()
        if design in used
    ]
