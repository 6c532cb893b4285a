"""Null laws that questions asked in one session share: a law depends on years and dates alone."""

from functools import lru_cache

from analysis.calibration.null_law import NullLaw
from analysis.calibration.store import LawShelf

MOST_LAWS = 4  # of one seed, some 50 MB each; the one used least recently makes room


class RecentLaws(dict[str, NullLaw]):
    """Null laws by key, of which the most recent are kept."""

    def __getitem__(self, key: str) -> NullLaw:
        law = super().pop(key)
        super().__setitem__(key, law)  # the last is the most recent
        return law

    def __setitem__(self, key: str, law: NullLaw) -> None:
        super().__setitem__(key, law)
        while len(self) > MOST_LAWS:
            del self[next(iter(self))]


@lru_cache(maxsize=2)
def shared_shelf(seed: int) -> LawShelf:
    """The shelf of all questions asked with this seed."""
    return LawShelf(seed=seed, _laws=RecentLaws())
