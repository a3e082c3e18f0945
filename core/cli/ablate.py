"""The command ``ablate``: what each part of the recipe does, in short pretraining runs from one bank of views."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import typer
from joblib import Parallel, delayed

from ..axes.transforms import AXES
from ..model.amortised import AmortisedExtractor
from ..pretraining.ablation import Finding
from ..pretraining.ablation import ablate as run_ablation
from ..pretraining.ablation_table import table
from ..pretraining.content import content_of
from ..pretraining.recipe import Recipe
from ..pretraining.variants import VARIANTS, Variant
from .options import BackboneName, BankGroups, JsonFigures, MoreOfRecipe, PretrainedWeights, Threads, limit_threads
from .output import check_places, save_json, today
from .terminal import bar, console
from .training import GROUPS, findings_before, read_sets, ready_bank, recipe_of, some_of


def ablate(
    images: Annotated[Path, typer.Option(help="Folder of images to train on.")],
    held_out: Annotated[Path, typer.Option(help="Folder of other images to measure on.")],
    bank: Annotated[
        Path | None,
        typer.Option(help="Folder of stored views that all runs train from, made first; default: drawn at every step."),
    ] = None,
    labelled: Annotated[
        Path | None,
        typer.Option(help="Folder of classes on which the recipe may be chosen, more than 20 images in each."),
    ] = None,
    bank_groups: BankGroups = GROUPS,
    steps: Annotated[int, typer.Option(min=1, help="Steps of each run.")] = 600,
    size: Annotated[int, typer.Option(min=2, help="Images per descriptor.")] = Recipe.size,
    seeds: Annotated[int, typer.Option(min=1)] = 1,
    count: Annotated[int, typer.Option(min=16, help="Images to measure on.")] = 640,
    jobs: Annotated[int, typer.Option(min=1, help="Runs side by side, a process each.")] = 1,
    backbone: BackboneName = "",
    weights: PretrainedWeights = None,
    settings: MoreOfRecipe = "{}",
    only: Annotated[list[str] | None, typer.Option(help="Name of a variant; may be repeated. Default: all.")] = None,
    threads: Threads = 0,
    name: Annotated[str, typer.Option(help="What to call the images.")] = "",
    json_file: JsonFigures = None,
) -> None:
    """Compare variants of the recipe: same images and steps. With --json, the same line again goes on."""
    check_places(json_file)
    limit_threads(threads)
    recipe = recipe_of(settings, backbone, steps=steps, size=size)
    variants = _chosen(recipe, only or [])
    trained, other, development = read_sets(recipe.architecture.backbone.input_size, images, held_out, labelled)
    chosen = some_of(other, count)
    model = AmortisedExtractor(recipe.architecture, AXES, weights=weights)
    stored = ready_bank(bank, trained.images, recipe, bank_groups, model) if bank else None
    document = {
        "axes": [axis.name for axis in AXES],
        "recipe": json.loads(json.dumps(asdict(recipe))),
        "bank": stored.name if stored else "",
        "images": name or trained.name,
        "held_out": len(chosen),
        "labelled": development.name if development else "",
    }
    found = findings_before(json_file, document)
    done = {(each.variant, each.seed) for each in found}
    runs = [each for each in itertools.product(range(seeds), variants) if (each[1].name, each[0]) not in done]
    content = None
    if any(variant.of(recipe).content for _, variant in runs):
        most = max(variant.of(recipe).components for _, variant in runs)
        content = content_of(model.to(_device()), trained.images, most, stored=stored.content() if stored else None)
        content = None if content is None else content.cpu()
    pictures = other.images[chosen].float() / 255
    train = partial(run_ablation, trained.images, pictures, development, recipe, stored, content, weights=weights)

    def keep(finding: Finding) -> None:
        found.append(finding)
        findings = [each.document() for each in found]
        save_json(json_file, document | {"date": today(), "findings": findings})  # hours of work are not lost

    with bar("training") as advance:
        if jobs > 1:
            tasks = [delayed(_alone)(train, *run) for run in runs]
            for number, finding in enumerate(Parallel(jobs, return_as="generator_unordered")(tasks)):
                keep(finding)
                advance(f"{finding.variant}, seed {finding.seed}", (number + 1) / len(runs))
        else:
            for number, (seed, variant) in enumerate(runs):
                for step in train([variant], [seed], _device()):
                    if isinstance(step, Finding):
                        keep(step)
                    else:
                        advance(step[0], (number + step[1]) / len(runs))
    console.print(table(found))


_Training = Callable[[Sequence[Variant], Sequence[int], torch.device], Iterator[tuple[str, float] | Finding]]


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _alone(train: _Training, seed: int, variant: Variant) -> Finding:
    """A run in a process of its own."""
    torch.set_num_threads(1)
    *_, finding = train([variant], [seed], _device())
    assert isinstance(finding, Finding)
    return finding


def _chosen(recipe: Recipe, names: Sequence[str]) -> list[Variant]:
    """Variants by name, or all that change the recipe; says which do not."""
    known = {each.name: each for each in VARIANTS}
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"There is no variant called {unknown[0]!r}. Name some of: {'; '.join(known)}.")
    chosen, same, foreign = list[Variant](), list[Variant](), list[str]()
    for variant in [known[name] for name in names] or VARIANTS:
        try:
            is_same = variant.name != VARIANTS[0].name and variant.of(recipe) == recipe
        except TypeError:  # a field that this backbone does not have
            foreign.append(variant.name)
        else:
            (same if is_same else chosen).append(variant)
    backbone = recipe.architecture.backbone.name
    if names and foreign:
        raise ValueError(f"The backbone {backbone} has nothing that “{foreign[0]}” could change. Leave it out.")
    if foreign:
        console.print(f"Left out, as the backbone {backbone} has no such part: {'; '.join(foreign)}.")
    if same:
        console.print(f"Left out, as they are the recipe itself: {'; '.join(each.name for each in same)}.")
    if not chosen:
        raise ValueError("No variant is left that differs from the recipe. Name others, or change --settings.")
    return chosen
