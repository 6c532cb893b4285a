"""Give normal draws that depend on a seed, a name and a position, and on nothing else.

Draws come from the counter-based generator Philox (Salmon et al. 2011, "Parallel random numbers:
as easy as 1, 2, 3", doi:10.1145/2063384.2063405). Series `i` of a stream is the same whether it
is drawn alone, in a block of a thousand, or by another process.
"""

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
CHUNK = 500  # series drawn from one counter; changing it changes every simulated number
MOST_KEPT = 8_000_000  # normals of a chunk that is kept, for those who take it in parts
SMALL, SMALL_KEPT = 50_000, 64  # normals, number of chunks kept for the other nodes of a grid


def standard_normals(seed: int, stream: str, start: int, stop: int, years: int) -> FloatArray:
    """Draw the innovations of series `start` to `stop` of `stream`, shape (stop - start, years).

    >>> whole = standard_normals(1, "example", 0, 1200, years=3)
    >>> bool((whole[600:900] == standard_normals(1, "example", 600, 900, years=3)).all())
    True
    """
    first, last = start // CHUNK, -(-stop // CHUNK)
    size = CHUNK * years
    draw = _small_chunk if size <= SMALL else _large_chunk if size <= MOST_KEPT else _chunk
    chunks = [draw(seed, stream, number, years) for number in range(first, last)]
    offset = first * CHUNK
    return np.concatenate(chunks)[start - offset : stop - offset]


def _key(seed: int, stream: str) -> NDArray[np.uint64]:
    digest = hashlib.sha256(f"{seed}:{stream}".encode()).digest()
    return np.frombuffer(digest[:16], dtype="<u8").astype(np.uint64)


def _chunk(seed: int, stream: str, number: int, years: int) -> FloatArray:
    counter = np.array([0, 0, number, 0], dtype=np.uint64)
    generator = np.random.Generator(np.random.Philox(key=_key(seed, stream), counter=counter))
    return generator.standard_normal((CHUNK, years))


# Chunks that are kept are never handed out themselves: concatenation copies.
_small_chunk = lru_cache(maxsize=SMALL_KEPT)(_chunk)
_large_chunk = lru_cache(maxsize=1)(_chunk)
