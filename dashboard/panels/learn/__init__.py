"""The parts of the Learn page and of lessons: the step at the top of a page, the tour, links for a class."""
