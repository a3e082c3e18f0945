"""The parts of the Explore page, one module each with a ``render``; they do not import one another."""
