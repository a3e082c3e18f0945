"""Where mixed precision is fast."""

from __future__ import annotations

import torch


def fast_half(device: torch.device) -> bool:
    """CUDA, and CPUs with bfloat16 instructions."""
    return device.type == "cuda" or bool(torch.cpu.get_capabilities().get("avx512_bf16"))
