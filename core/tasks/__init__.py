"""Downstream tasks: shipped, with a known answer, from a folder or a zip of images, or from torchvision's datasets."""

from .folders import folder_task
from .known import known_tasks
from .offered import offered_tasks
from .public import PUBLIC, public_task
from .shipped import SHIPPED, shipped_tasks
from .task import Split, Task, TaskSource

__all__ = [
    "PUBLIC",
    "SHIPPED",
    "Split",
    "Task",
    "TaskSource",
    "folder_task",
    "known_tasks",
    "offered_tasks",
    "public_task",
    "shipped_tasks",
]
