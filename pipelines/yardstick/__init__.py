"""The recipe of a plain spaCy CNN pipeline on the same data: what the encoder is measured against. Not shipped."""
