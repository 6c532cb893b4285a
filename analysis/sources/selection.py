"""Which states and pairs the study holds; what a provider has on others is left with it.

Three states at the centre, twenty-seven other large ones for comparison, and China's neighbours
where a source is about them. Before 1992 only pairs within the centre are held.
"""

from __future__ import annotations

FIRST_YEAR = 1990
WIDE_FROM = 1992
CENTRE = frozenset({"CHN", "RUS", "USA"})

STATES: dict[str, str] = {
    "ARG": "Argentina",
    "AUS": "Australia",
    "BRA": "Brazil",
    "CAN": "Canada",
    "CHN": "China",
    "DEU": "Germany",
    "EGY": "Egypt",
    "ESP": "Spain",
    "FRA": "France",
    "GBR": "United Kingdom",
    "IDN": "Indonesia",
    "IND": "India",
    "IRN": "Iran",
    "ISR": "Israel",
    "ITA": "Italy",
    "JPN": "Japan",
    "KAZ": "Kazakhstan",
    "KOR": "South Korea",
    "MEX": "Mexico",
    "NGA": "Nigeria",
    "PAK": "Pakistan",
    "POL": "Poland",
    "RUS": "Russia",
    "SAU": "Saudi Arabia",
    "THA": "Thailand",
    "TUR": "Turkey",
    "UKR": "Ukraine",
    "USA": "United States",
    "VNM": "Vietnam",
    "ZAF": "South Africa",
}

# States named by a source on China's neighbours or on Taiwan, beside the thirty above.
NEIGHBOURS: dict[str, str] = {
    "AFG": "Afghanistan",
    "BGD": "Bangladesh",
    "BRN": "Brunei",
    "BTN": "Bhutan",
    "KGZ": "Kyrgyzstan",
    "KHM": "Cambodia",
    "LAO": "Laos",
    "LKA": "Sri Lanka",
    "MDV": "Maldives",
    "MMR": "Myanmar",
    "MNG": "Mongolia",
    "MYS": "Malaysia",
    "NPL": "Nepal",
    "PHL": "Philippines",
    "PRK": "North Korea",
    "SGP": "Singapore",
    "TJK": "Tajikistan",
    "TKM": "Turkmenistan",
    "TWN": "Taiwan",
    "UZB": "Uzbekistan",
}

OTHER_SPELLINGS: dict[str, str] = {
    "China, P.R.: Mainland": "CHN",
    "Korea, South": "KOR",
    "Poland, Rep. of": "POL",
    "Republic of Korea": "KOR",
    "Korea, Rep. of": "KOR",
    "Iran, Islamic Rep. of": "IRN",
    "Kazakhstan, Rep. of": "KAZ",
    "Egypt, Arab Rep. of": "EGY",
    "Russian Federation": "RUS",
    "Soviet Union": "RUS",
    "Turkiye": "TUR",
    "Türkiye": "TUR",
    "Türkiye, Rep of": "TUR",
    "US": "USA",
    "United States of America": "USA",
    "Viet Nam": "VNM",
}

CODES: dict[str, str] = {
    **{name: code for code, name in (STATES | NEIGHBOURS).items()},
    **OTHER_SPELLINGS,
}


def is_studied(side_a: str, side_b: str, year: int) -> bool:
    """Tell whether a pair of ISO3 codes, in either order, is held in a year.

    >>> is_studied("RUS", "CHN", 1990), is_studied("FRA", "CHN", 1990)
    (True, False)
    """
    if side_a == side_b or side_a not in STATES or side_b not in STATES or year < FIRST_YEAR:
        return False
    return year >= WIDE_FROM or {side_a, side_b} <= CENTRE


def is_central(side_a: str, side_b: str, year: int) -> bool:
    """Tell whether such a pair has China, Russia or the United States in it."""
    return is_studied(side_a, side_b, year) and not CENTRE.isdisjoint((side_a, side_b))
