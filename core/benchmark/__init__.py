"""Methods over tasks and seeds: the runner, its log, the summary. Imports baselines, tasks and adaptation."""
