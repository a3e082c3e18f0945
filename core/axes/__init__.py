"""What may happen to an image, and which of it is to be ignored: axes, descriptors, presets. Imports only checks."""
