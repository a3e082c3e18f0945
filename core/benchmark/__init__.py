"""Methods over tasks and seeds, real tasks beside the frozen backbone, costs, and the bars that all of it is held to.

Imports baselines, tasks, adaptation and evaluation.
"""
