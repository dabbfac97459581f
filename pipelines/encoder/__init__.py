"""The recipe that trains the encoder: a development extra with PyTorch; what users install never needs it."""
