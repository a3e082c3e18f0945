"""The yardstick: what labelled images that were kept aside say about one fixed classifier, or one of a finite set.

No complexity enters for one that was fixed before these images were looked at. Any bound that uses all labels for
fitting should be read beside this one; it usually wins, at the price of the images. Where the images had a say in which
of finitely many fixed classifiers it is, :func:`occam` has the choice paid for.
"""

from __future__ import annotations

import math

from scipy.special import betaincinv

from .checks import check_at_least, check_count, check_delta
from .kl import kl_upper


def chernoff(errors: int, n: int, delta: float = 0.05) -> float:
    """Upper bound on the risk by the Chernoff bound in its kl form.

    Statement: with probability at least 1 - delta over n independent examples, on which a fixed
    classifier makes ``errors`` mistakes, kl(errors / n || risk) <= ln(1 / delta) / n or the risk is below
    errors / n (the test set bound of Langford, JMLR 6, 2005, in its relative entropy form). The examples need not
    have one common distribution; the risk is then the mean of theirs (Hoeffding, JASA 58, 1963).

    Returns:
        In [errors / n, 1].

    Raises:
        ValueError: no examples, more errors than examples, or delta outside (0, 1).
    """
    errors, n = _check(errors, n)
    return float(kl_upper(errors / n, math.log(1 / check_delta(delta)) / n))


def clopper_pearson(errors: int, n: int, delta: float = 0.05) -> float:
    """Upper bound on the risk from the exact binomial tail: the tightest one for a fixed classifier.

    Statement: with probability at least 1 - delta over n independent examples of one distribution, the
    risk is at most the p at which ``errors`` or fewer mistakes have probability delta (Clopper and
    Pearson, Biometrika 26, 1934; the test set bound of Langford, JMLR 6, 2005). p is a quantile of a beta
    distribution. Never above :func:`chernoff`. It also holds for independent examples of different distributions,
    and for draws without replacement, whose count of mistakes is such a sum too, as long as errors <= n p - 1: then
    the lower tail is longest when all have the same risk (Hoeffding, Ann. Math. Stat. 27, 1956).

    Returns:
        In [errors / n, 1].

    Raises:
        ValueError: see :func:`chernoff`.
    """
    errors, n = _check(errors, n)
    check_delta(delta)
    return 1.0 if errors == n else float(betaincinv(errors + 1, n - errors, 1 - delta))


def occam(errors: int, n: int, nats: float, delta: float = 0.05) -> float:
    """Upper bound on the risk of one of a finite set of classifiers that the examples themselves have chosen.

    Statement: let every classifier h of a set that was fixed without the n independent examples have a weight p(h),
    the weights summing to at most 1. With probability at least 1 - delta, for all h at once, the risk of h is at most
    :func:`clopper_pearson` at delta p(h): the union over the set of the test set bound, each taken at its share of
    delta (Blumer, Ehrenfeucht, Haussler and Warmuth, "Occam's razor", Inf. Process. Lett. 24, 1987; Langford, JMLR 6,
    2005, Theorem 4.1). So the choice may depend on the examples in any way.

    Args:
        errors, n, delta: see :func:`clopper_pearson`.
        nats: -ln p(h), >= 0; ln m for one of m with equal weights, 0 for one that was fixed beforehand.

    Returns:
        In [errors / n, 1].

    Raises:
        ValueError: see :func:`chernoff`, or negative nats.
    """
    return clopper_pearson(errors, n, check_delta(delta) * math.exp(-check_at_least("nats", nats)))


def _check(errors: int, n: int) -> tuple[int, int]:
    n = check_count("The number of examples", n)
    errors = check_count("The number of errors", errors, 0)
    if errors > n:
        raise ValueError(f"There cannot be more errors than examples; got {errors} of {n}.")
    return errors, n
