"""The encoder: one small transformer, as ONNX, that reads sentence borders, tags, trees, spans and ties of mentions.

`pieces` cuts words for it, `decode` turns its scores into trees and spans, `pairs` lists the pairs of mentions that
may be tied and what is known of each, `component` puts all that into spaCy. No PyTorch: training is in `pipelines/`.
"""
