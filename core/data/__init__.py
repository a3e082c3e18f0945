"""A person's own pictures: files, folders and zip archives, read with suspicion. Imports the extractor's size only."""

from .image_folder import ClassCount, ImageSet, load_folder
from .split import split

__all__ = ["ClassCount", "ImageSet", "load_folder", "split"]
