"""One file to pass on: a run, a view or the state of a lesson, as JSON that is checked before it is believed.

Order: :mod:`~core.sharing.schemas` (what may be in a file), :mod:`~core.sharing.envelope` (reading and
writing any of them), :mod:`~core.sharing.views` (an address with a person's own pictures),
:mod:`~core.sharing.older` (what files of earlier schemas mean by today's),
:mod:`~core.sharing.runs` (a fit with everything that the Adapt page draws of it),
:mod:`~core.sharing.record` (such a fit without the page).
"""

from .envelope import MAX_BYTES, other_checkpoint
from .record import record
from .runs import SharedRun, command, read_run, same_images, thumbprint, write_run
from .views import SharedView, read_view, write_view

__all__ = [
    "MAX_BYTES",
    "SharedRun",
    "SharedView",
    "command",
    "other_checkpoint",
    "read_run",
    "read_view",
    "record",
    "same_images",
    "thumbprint",
    "write_run",
    "write_view",
]
