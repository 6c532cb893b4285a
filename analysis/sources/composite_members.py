"""What the composite indices of the study are made of: declared, not chosen by result.

A component weighs the same in the whole however many members it has. Counts from the list of
events are no members of threat: the list is too uneven in depth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log, sqrt

LEVEL: Callable[[float], float] = float


def _root(count: float) -> float:
    return sqrt(count + 3 / 8)  # brings counts near a constant variance (Anscombe 1948)


@dataclass(frozen=True, slots=True)
class Member:
    """A series of an index; of several sources the first that has the year is taken."""

    unit: str
    variable: str
    sources: tuple[str, ...]
    scale: Callable[[float], float] = LEVEL


@dataclass(frozen=True, slots=True)
class Index:
    """What an index is called, whom it belongs to, and its members by component."""

    variable: str
    unit: str
    components: Mapping[str, tuple[Member, ...]]

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(member for members in self.components.values() for member in members)


SOLDIER = Member("USA", "military_expenditure_per_soldier_usd", ("sipri-milex-2026",))

THREAT_TO_CHINA = Index(
    "threat_index",
    "CHN",
    {
        "aggregate_power": (
            Member("USA>CHN", "capabilities_ratio_index", ("cow-nmc-7",)),
            Member("USA>CHN", "military_expenditure_ratio_index", ("sipri-milex-2026",)),
        ),
        "proximity": (Member("USA", "us_troops_asia_pacific_count", ("troopdata-v1",)),),
        "offensive_capability": (
            SOLDIER,
            Member("USA>TWN", "arms_transfers_tiv", ("sipri-2026-02", "sipri-2022-07"), _root),
        ),
        "aggressive_intention": (
            Member("USA>CHN", "sanctions_in_force_count", ("gsdb-3",), _root),
            Member("CHN-USA", "un_ideal_point_distance", ("idealpoints-2025-07",)),
        ),
    },
)
THREAT_TO_RUSSIA = Index(
    "threat_index",
    "RUS",
    {
        "aggregate_power": (
            Member("NATO>RUS", "capabilities_ratio_index", ("cow-nmc-7",)),
            Member("NATO>RUS", "military_expenditure_ratio_index", ("sipri-milex-2026",)),
        ),
        "proximity": (
            Member("NATO", "nato_members_count", ("nato-accession",)),
            Member("RUS", "nato_members_bordering_count", ("cow-contiguity-3-2",)),
            Member("USA", "us_troops_europe_count", ("troopdata-v1",)),
        ),
        "offensive_capability": (
            SOLDIER,
            Member("USA", "nuclear_warheads_count", ("fas-warheads",)),
        ),
        "aggressive_intention": (
            Member("USA>RUS", "sanctions_in_force_count", ("gsdb-3",), _root),
            Member("EU>RUS", "sanctions_in_force_count", ("gsdb-3",), _root),
            Member("RUS-USA", "un_ideal_point_distance", ("idealpoints-2025-07",)),
        ),
    },
)
COOPERATION = Index(
    "cooperation_index",
    "CHN-RUS",
    {
        "arms": (
            Member("RUS>CHN", "arms_transfers_tiv", ("sipri-2026-02", "sipri-2022-07"), _root),
        ),
        "exercises": (Member("CHN-RUS", "joint_exercises_count", ("ndu",), _root),),
        "contacts": (Member("CHN-RUS", "senior_military_visits_count", ("ndu",), _root),),
        "votes": (
            Member("CHN-RUS", "un_votes_agreement_kappa", ("voeten-2024",)),
            Member("CHN-RUS", "joint_vetoes_count", ("unsc-vetoes",), _root),
        ),
        "trade": (
            Member(
                "CHN-RUS",
                "trade_total_usd",
                ("cow-trade-v4", "imf-dots", "china-customs-press"),
                log,
            ),
        ),
    },
)
INDICES = (THREAT_TO_CHINA, THREAT_TO_RUSSIA, COOPERATION)
THREATS = (THREAT_TO_CHINA, THREAT_TO_RUSSIA)
