"""Hand trials from forked processes to the one they came from, without what both of them hold.

Null laws are large and were there before the fork; in a parcel a name stands for each. Parcels are
pickles: they go from one process of a run to another and are never read from a file.
"""

import pickle
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

from analysis.calibration.steps import StepsTest
from analysis.verdict.ground import Ground
from analysis.verdict.trial import Trial


class Post:
    """What is held on both sides of a fork; to be made before it.

    Attributes:
        ground: What the process that receives stands on.
    """

    def __init__(self, ground: Ground, theirs: Ground) -> None:
        """Name what `theirs`, on which the forked processes stand, shares with `ground`."""
        self.ground = ground
        self._things = _held(ground)
        self._names = {id(thing): name for name, thing in _held(theirs).items()}

    def pack(self, trial: Trial | str) -> bytes:
        """A trial, or the reason why there is none, as bytes."""
        buffer = BytesIO()
        _Packer(buffer, self._names).dump(trial)
        return buffer.getvalue()

    def unpack(self, parcel: bytes) -> Trial | str:
        """The trial of a parcel; tests of one design and series are one object."""
        trial: Trial | str = _Unpacker(BytesIO(parcel), self._things).load()
        if isinstance(trial, Trial) and isinstance(trial.test, StepsTest):
            return replace(trial, test=self.ground.known(trial.test))
        return trial


def _held(ground: Ground) -> dict[str, object]:
    held: dict[str, object] = {"panel": ground.panel, "ground": ground}
    for place, shelf in (("main", ground.shelf), ("looks", ground.look_shelf)):
        held[place] = shelf
        held |= {f"{place} {key}": law for key, law in shelf.laws.items()}
    return held


class _Packer(pickle.Pickler):
    def __init__(self, buffer: BytesIO, names: Mapping[int, str]) -> None:
        super().__init__(buffer, protocol=pickle.HIGHEST_PROTOCOL)
        self._names = names

    def persistent_id(self, thing: object) -> str | None:
        return self._names.get(id(thing))


class _Unpacker(pickle.Unpickler):
    def __init__(self, buffer: BytesIO, things: Mapping[str, object]) -> None:
        super().__init__(buffer)
        self._things = things

    def persistent_load(self, name: Any) -> object:
        return self._things[str(name)]
