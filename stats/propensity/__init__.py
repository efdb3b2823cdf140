"""What can be concluded from a run whose shares followed its results (Thompson allocation).

Adding up the batches of such a run is wrong: the variant that fell behind by chance is sent less
and keeps its bad luck, and where days differ, a variant's rate is that of the days it was sent
on. The comparisons here are made within batches, whose propensities are stored.

- `batches`: a batch with its propensities; `plain_samples` refuses to add what must not be added.
- `rates`, `means`: the comparisons; `score`: the statistic of the first.
"""

from collections.abc import Callable

from stats.lift import Lift
from stats.propensity.batches import Batch, check_propensities, plain_samples
from stats.propensity.means import compare_means_by_batch
from stats.propensity.rates import compare_rates_by_batch

METHODS: dict[str, Callable[..., Lift]] = {
    "inverse_propensity_rates": compare_rates_by_batch,
    "inverse_propensity_means": compare_means_by_batch,
}

__all__ = [
    "METHODS",
    "Batch",
    "check_propensities",
    "compare_means_by_batch",
    "compare_rates_by_batch",
    "plain_samples",
]
