"""How much of a state's speech in the UN General Debate is about the threats the study is about.

The measure is the share of words that belong to a match of the dictionary in
`data/dictionaries/threat.csv`, each pattern a regular expression over the words of the speech in
small letters. Only counts leave this module, never text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from analysis.sources.observations import Observation, state
from analysis.sources.rows import Row, read_rows

FILE = "ungdc/ungdc_chn_rus_usa_1990_2024.csv.gz"
DICTIONARY = "data/dictionaries/threat.csv"
WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")


def read_speeches(raw: Path, study: Path) -> Iterator[Observation]:
    """Length of each speech, words in matches of the dictionary, and their share."""
    patterns = read_dictionary(study)
    for row in read_rows(raw, FILE, ("iso3", "year", "text")):
        words = split_words(row.text("text"))
        matched = count_matched_words(words, patterns)
        yield _observe(row, "speech_words_count", float(len(words)), "count of words in text")
        yield _observe(row, "threat_words_count", float(matched), "words matched in text")
        yield _observe(row, "threat_words_share", matched / len(words), "share of words matched")


def read_dictionary(study: Path) -> tuple[re.Pattern[str], ...]:
    """The patterns of the dictionary, the longer first, so that a phrase goes before its words."""
    patterns = [row.text("pattern") for row in read_rows(study, DICTIONARY, ("pattern", "theme"))]
    return tuple(re.compile(rf"\b(?:{p})\b") for p in sorted(patterns, key=len, reverse=True))


def split_words(text: str) -> list[str]:
    """The words of a text in small letters, without figures and punctuation.

    >>> split_words("NATO's 2nd missile-defence site.")
    ["nato's", 'nd', 'missile-defence', 'site']
    """
    return WORD.findall(text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


def count_matched_words(words: list[str], patterns: tuple[re.Pattern[str], ...]) -> int:
    """Count the words in matches, each word once.

    >>> count_matched_words(["power", "politics", "and", "power"], (re.compile("power politics"),))
    2
    """
    text, matched = " ".join(words), 0
    for pattern in patterns:
        matched += sum(len(match.split()) for match in pattern.findall(text))
        text = pattern.sub("#", text)
    return matched


def _observe(row: Row, variable: str, value: float, column: str) -> Observation:
    year = row.whole("year")
    return Observation(
        unit=state(row.text("iso3"), year),
        year=year,
        variable=variable,
        value=value,
        status="computed",
        source="ungdc",
        locator=row.locate("iso3", "year", column=column),
    )
