"""The parts of the Manifold page, and what one run of it shows."""
