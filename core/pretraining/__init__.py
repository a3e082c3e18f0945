"""How the hypernetwork is learned: pairs, loss terms, the loop, its state. Imports model and axes."""
