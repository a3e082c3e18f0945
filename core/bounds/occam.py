"""The bit bound: what it costs to write all fitted numbers down. A mark on the scale, rarely a guarantee."""

from __future__ import annotations

import math

from .checks import check_at_least, check_count, check_delta
from .kl import kl_upper


def bits_to_nats(parameters: int, bits: float) -> float:
    """Price in nats of ``parameters`` numbers of ``bits`` bits each, under a prior that is uniform over all."""
    return check_count("The number of parameters", parameters) * check_at_least("bits", bits) * math.log(2)


def occam(risk: float, nats: float, n: int, delta: float = 0.05) -> float:
    """Upper bound on the risk of one classifier that was chosen among finitely many.

    Statement: for a prior p over a countable set of classifiers, fixed before the n independent examples
    are seen, with probability at least 1 - delta all of them satisfy kl(empirical risk || risk) <=
    (ln(1 / p) + ln(1 / delta)) / n (the Occam's razor bound of Langford, JMLR 6, 2005; the union of
    :func:`core.bounds.holdout.chernoff`). By Pinsker's inequality the gap is at most
    sqrt((ln(1 / p) + ln(1 / delta)) / (2 n)), see :func:`occam_gap`.

    Args:
        risk: empirical, in [0, 1].
        nats: ln(1 / p), e.g. :func:`bits_to_nats`.
        n: examples.

    Returns:
        In [risk, 1]. With millions of weights and thousands of labels it is 1 to all digits: vacuous.

    Raises:
        ValueError: a value outside its range.
    """
    n = check_count("The number of examples", n)
    return float(kl_upper(risk, (check_at_least("nats", nats) + math.log(1 / check_delta(delta))) / n))


def occam_gap(nats: float, n: int, delta: float = 0.05) -> float:
    """sqrt((nats + ln(1 / delta)) / (2 n)): the same bound as a distance; above 1 it says nothing, but how much so."""
    n = check_count("The number of examples", n)
    return math.sqrt((check_at_least("nats", nats) + math.log(1 / check_delta(delta))) / (2 * n))
