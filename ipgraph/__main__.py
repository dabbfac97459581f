"""`python -m ipgraph` is the command line."""

from ipgraph.cli import main

main()
