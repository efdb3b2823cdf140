"""The mixture sequential probability ratio test with a prior variance of one's own choice.

Johari, Koomen, Pekelis and Walsh (2022), "Always valid inference: continuous monitoring of A/B
tests", Operations Research 70, 1806-1821: the likelihood ratio of a normal effect with variance
tau^2 against none. At every moment one over it is a p-value. The product's own sequences are this
test with tau^2 tied to the planned end (`confidence_sequence`); here it is to reproduce published
decisions, whose tau came from past experiments.
"""

import numpy as np

from stats.quadrature import Floats
from stats.sequential.checkpoints import Checkpoints, mixture_p_values, squared_z


def textbook_p_values(checkpoints: Checkpoints, tau: float) -> Floats:
    """Give the test's p-value at each checkpoint, by the formula for two streams of one length.

    Liu, Cardoso, Couturier and McCoy (2021), "Datasets for online controlled experiments", NeurIPS
    Datasets and Benchmarks, section 4: streams of unequal length count as h = 2 / (1/n_c + 1/n_t)
    pairs, whose difference varies by v = s_c^2 + s_t^2; the prior variance is ``tau`` s_c^2, and

        p = sqrt((v + h t) / v) exp(-h^2 t d^2 / (2 v (v + h t))),   t = tau s_c^2.

    Args:
        checkpoints: The two variants so far, in order of time.
        tau: Prior variance of the effect over the control's variance, above 0.

    Returns:
        A p-value of each moment, at most 1; `running_minimum` keeps the least so far.

    Raises:
        ValueError: If ``tau`` is not positive.

    Examples:
        >>> day = Checkpoints(*(np.array([n]) for n in (1e5, 0.10, 0.09, 1e5, 0.106, 0.0948)))
        >>> round(float(textbook_p_values(day, tau=1e-4)[0]), 6)
        0.00075
    """
    if not 0 < tau < np.inf:
        raise ValueError(f"tau is {tau}, expected above 0")
    pairs = 2 / (1 / checkpoints.control_units + 1 / checkpoints.treatment_units)
    variance = checkpoints.control_variance + checkpoints.treatment_variance
    prior = tau * checkpoints.control_variance * pairs
    x = np.divide(prior, variance, out=np.zeros_like(prior), where=variance > 0)
    return mixture_p_values(squared_z(checkpoints.difference, variance / pairs), x)
