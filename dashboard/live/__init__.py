"""What moves with the hand: what is prepared for a slider, the route that it asks, what a page shows of it."""
