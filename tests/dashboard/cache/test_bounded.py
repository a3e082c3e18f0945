"""What is kept, up to how many bytes: each value is made once, and what was used longest ago goes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import torch

from core import AXES
from core.inspect.background import Crowd
from dashboard.cache.bounded import Bounded, bounded
from dashboard.jobs.network_pool import halved
from tests.core.conftest import smooth_images, unprepared


def tensor(kilobytes: int) -> torch.Tensor:
    return torch.zeros(kilobytes * 256)


def test_what_was_used_longest_ago_goes_first() -> None:
    kept = Bounded(4 << 10)
    first = kept.get("first", lambda: tensor(1))
    for number in range(3):
        kept.get(number, lambda: tensor(1))
    assert kept.find("first") is first and kept.bytes == 4 << 10
    kept.get("one more", lambda: tensor(1))
    assert kept.find(0) is None and kept.find("first") is first and len(kept) == 4
    kept.get("large", lambda: tensor(9))
    assert len(kept) == 1 and kept.find("large") is not None, "the latest is kept, however large"


def test_what_values_share_counts_once() -> None:
    kept, shared = Bounded(3 << 10), tensor(2)
    for number in range(9):
        kept.put(number, (shared, "x"))
    assert len(kept) == 9 and kept.bytes < 3 << 10
    kept.put("own", tensor(2))
    assert kept.find("own") is not None and len(kept) == 1


def test_a_crowd_counts_as_large_as_it_has_become() -> None:
    kept, crowd = Bounded(1 << 20), Crowd(unprepared, smooth_images(4), AXES[:1])
    kept.put("crowd", crowd)
    before = kept.bytes
    pixels = crowd.probes.parts[0].nbytes
    assert pixels <= before < pixels + 100
    assert [crowd.has(number) for number in crowd.fill()][-1] and crowd.ready == crowd.total
    assert pixels * (1 + crowd.total // 4) <= kept.bytes < pixels * (1 + crowd.total // 4) + 1000


def test_a_value_is_made_once_for_all_who_ask_at_the_same_time_and_again_after_an_error() -> None:
    made, barrier = [], Barrier(4)

    @bounded(1)
    def found(number: int, _ignored: object) -> int:
        made.append(number)
        if len(made) == 1:
            raise ValueError("not yet")
        return number

    def ask(_: int) -> int:
        barrier.wait()
        try:
            return found(5, object())
        except ValueError:
            return -1

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert made == [5, 5] and sorted(answers) == [-1, 5, 5, 5]


def test_what_is_too_large_for_half_precision_stays_as_it_is() -> None:
    small, large = unprepared(torch.tensor([[0.1]])), unprepared(torch.tensor([[1e6]]))
    assert halved(small).parts[0].dtype == torch.half and halved(large).parts[0].dtype == torch.float32
