"""What an extractor does with one picture: curves, neighbours, maps, saliency. Imports model, measures and data."""
