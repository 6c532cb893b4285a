"""Calibrated estimates over many dyads."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from analysis.estimation.result import Result


@dataclass(frozen=True, eq=False, repr=False)
class PanelResult(Result):
    """A result whose observations are dyad-years; `unit` says of how many dyads."""

    def summary(self) -> str:
        """What, how many and how, then the table; the same on every run."""
        table = self.table.map(_write).to_string(index_names=False)
        return "\n".join([*self._heading(), table, self.method])

    def _repr_html_(self) -> str:
        heading = "<br>".join(escape(line) for line in self._heading())
        table = self.table.map(_write).to_html()
        return f"<p>{heading}</p>{table}<p><small>{escape(self.method)}</small></p>"

    def _heading(self) -> list[str]:
        rho, share = self.error_model["rho"], self.error_model["share"]
        return [
            f"{self.outcome} of {self.unit} in {self.measured_in}: {self.n_obs} dyad-years, "
            f"{self.years[0]}-{self.years[1]}",
            f"p against {self.alternative}, {100 * self.level:g} % intervals, "
            f"rho = {rho:.2f}, {100 * share:.0f} % of the variance shared through members",
        ]


def _write(value: float) -> str:
    return f"{value:.3g}"
