"""The parts of the Adapt page."""
