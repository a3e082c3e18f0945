"""What moves with the hand: the route that a slider asks, what it is told, what a page shows of it."""
