"""The networks whose weights are generated, ignorant of hypernetworks. Imports nothing of this package."""
