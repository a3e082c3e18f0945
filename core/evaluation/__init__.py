"""The table of figures that a checkpoint is judged by, its controls and its cost. Imports model, measures and data."""
