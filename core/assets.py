"""Where the files that are shipped lie: the trained model and what was measured of it."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def asset(name: str) -> Path:
    """The path of a shipped file: beside the code of an installed package, else in the repository's ``assets/``.

    Args:
        name: the file's name, such as ``hypernetwork.safetensors``. It need not exist; whoever opens it says so.
    """
    inside = _PACKAGE / "assets"
    return (inside if inside.is_dir() else _PACKAGE.parent / "assets") / name
