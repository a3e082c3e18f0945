"""The making of a map, in a process beside the page; other slow work is a :mod:`dashboard.jobs.background`.

A job never touches Streamlit. The page looks at it, draws how far it is, and may cancel it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import asdict
from pathlib import Path
from threading import Event, Thread

from core.cli.manifold import heard, worker
from core.manifold import ExtractorMap, Settings, load_map
from core.model.checkpoints import SHIPPED as CHECKPOINT

_ROOT = Path(__file__).parents[2]
_CANCELLED = "cancelled; everything is as it was."


class MapJob:
    """A map that is made by a process of its own: UMAP compiles code and would make every page wait.

    Args:
        settings: of the map.
        digest: of the checkpoint that it must show.
        checkpoint: its file.
    """

    def __init__(self, settings: Settings, digest: str, checkpoint: Path = CHECKPOINT) -> None:
        self.title = "Making the map"
        self.share, self.text, self.problem = 0.0, "starting", ""
        self.mapped: ExtractorMap | None = None
        self._cancelled = Event()
        self._folder = tempfile.TemporaryDirectory(prefix="manifold-")
        self._digest, self._out = digest, Path(self._folder.name) / "manifold.safetensors"
        command = worker(self._out, checkpoint, asdict(settings), threads=2)
        self._process = subprocess.Popen(
            command, cwd=_ROOT, encoding="utf-8", errors="replace", env=os.environ | {"PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._thread = Thread(target=self._listen, name="manifold", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Neither finished, nor failed, nor cancelled."""
        return self._thread.is_alive()

    def cancel(self) -> None:
        """End the process; what was there before stays."""
        self._cancelled.set()
        self._process.terminate()
        self._thread.join(10)

    def _listen(self) -> None:
        said = ""
        for line in self._process.stdout or ():
            found = heard(line)
            if found:
                self.share, self.text = found
            elif line.strip():
                said = line.strip()
        code = self._process.wait()
        if self._cancelled.is_set():
            self.problem = _CANCELLED
        elif code:
            self.problem = f"it could not be made: {said.removeprefix('Error: ') or f'code {code}'}"
        else:
            self._read()
        self._folder.cleanup()

    def _read(self) -> None:
        try:
            self.mapped = load_map(self._digest, self._out)
        except (ValueError, FileNotFoundError) as error:
            self.problem = str(error)
