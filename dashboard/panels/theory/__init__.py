"""The parts of the Theory page, and what one run of it shows."""
