"""The Adapt page's own session, its rows, and the report of a run."""
