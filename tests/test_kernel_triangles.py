"""Many small matrices at once: as numpy does them one by one."""

import numpy as np
import pytest

from analysis.kernel.triangles import backward, cholesky, forward


@pytest.mark.parametrize("k", [1, 2, 5])
def test_factors_and_solutions_equal_those_of_numpy(k):
    rng = np.random.default_rng(k)
    roots = rng.standard_normal((6, k, k)) + 2 * np.eye(k)
    grams = roots @ roots.transpose(0, 2, 1)
    right = rng.standard_normal((k, 6))

    factor = cholesky(np.ascontiguousarray(grams.transpose(1, 2, 0)), grams.shape[1])
    down, up = forward(factor, right), backward(factor, right)

    for place, gram in enumerate(grams):
        lower = np.linalg.cholesky(gram)
        ours = [[factor[i][j][place] for j in range(i + 1)] for i in range(k)]
        for i in range(k):
            assert ours[i] == pytest.approx(lower[i, : i + 1])
        assert down[:, place] == pytest.approx(np.linalg.solve(lower, right[:, place]))
        assert up[:, place] == pytest.approx(np.linalg.solve(lower.T, right[:, place]))
