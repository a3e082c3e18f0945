"""Networks of torchvision with random weights, and what their last layer reads."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchvision import models

from tests.core.conftest import smooth_images

MEAN, SPREAD = (torch.tensor(v)[:, None, None] for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))


def random_network(name: str) -> nn.Module:
    """Random weights, and running statistics as some pictures have them."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = models.get_model(name, weights=None)
        norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
        for module in norms:
            module.momentum = 1.0
        if norms:
            with torch.no_grad():
                network.train()((smooth_images(8, 224 if name == "maxvit_t" else 64, seed=1) - MEAN) / SPREAD)
    return network.eval()


def penultimate(network: nn.Module, name: str, images: Tensor) -> Tensor:
    """What the network's last layer reads, as the network itself computes it."""
    seen: list[Tensor] = []
    handle = network.get_submodule(name).register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    with torch.no_grad():
        network((images - MEAN) / SPREAD)
    handle.remove()
    return seen[0]
