"""The graph to look at: networks of organizations, people or events, as an interactive page or a figure for print.

`networks` projects the graph, `layout` places the nodes, `page` and `figure` draw them, `article` marks the facts of
one article in its text. The same graph gives the same bytes.
"""

from ipgraph.view.networks import KINDS, Network, Wish, network

__all__ = ["KINDS", "Network", "Wish", "network"]
