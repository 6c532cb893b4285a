"""The numbers of the data appendix."""

from __future__ import annotations

from analysis.exhibits.facts import DataFacts
from analysis.exhibits.formats import format_years
from analysis.exhibits.number import Number, Numbers, count, words


def number_data(data: DataFacts) -> Numbers:
    """Give the counts and spans that the appendix prints, by construct and in all."""
    years = [year for row in data.coverage for year in row.units]
    most = max((n for row in data.coverage for n in row.units.values()), default=0)
    numbers: Numbers = {
        "data.n_variables": count(len(data.coverage)),
        "data.n_series": count(sum(map(len, data.groups.values()))),
        "data.most_units": count(most),
        "data.years": Number(
            value=[min(years, default=None), max(years, default=None)],
            text=format_years(min(years, default=None), max(years, default=None)),
        ),
    }
    for construct, series in data.groups.items():
        numbers[f"data.{construct}.name"] = words(construct.capitalize())
        numbers[f"data.{construct}.n_series"] = count(len(series))
        numbers[f"data.{construct}.n_values"] = count(sum(len(s.values) for s in series))
    return numbers
