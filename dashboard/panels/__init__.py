"""The parts of the pages, a folder a page, a module a part with a ``render``; they do not import one another."""
