"""The pages, one module each with a ``render``; they do not import one another."""
