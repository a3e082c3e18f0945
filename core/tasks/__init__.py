"""Downstream tasks: with a known answer, from a folder or a zip of images, or from torchvision's datasets."""

from .folders import folder_task
from .known import known_tasks
from .public import PUBLIC, public_task
from .task import Split, Task, TaskSource

__all__ = ["PUBLIC", "Split", "Task", "TaskSource", "folder_task", "known_tasks", "public_task"]
