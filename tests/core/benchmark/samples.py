"""Trials with made-up scores, for what figures make of them."""

from __future__ import annotations

from core.baselines import OURS, Outcome
from core.benchmark.real_tasks import FROZEN
from core.benchmark.runner import Trial


def trial(task: str, method: str, seed: int, score: float, seconds: float = 1.0, shots: int = 20) -> Trial:
    point = (0.5,) * 6 if method == OURS else None
    return Trial(task, "accuracy", seed, Outcome(method, score, seconds, 1, point), shots=shots)


MADE = [
    trial("a", OURS, 0, 0.8), trial("a", FROZEN, 0, 0.7, 8), trial("a", OURS, 1, 0.9), trial("a", FROZEN, 1, 0.7, 4),
    trial("b", OURS, 0, 0.4), trial("b", FROZEN, 0, 0.5, 8), trial("b", OURS, 1, 0.6), trial("b", FROZEN, 1, 0.5, 8),
]  # fmt: skip
