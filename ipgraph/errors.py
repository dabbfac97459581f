"""What can go wrong, in the words a user sees. Every message reads "what; why; what to try" on one line."""

from __future__ import annotations


class IpgraphError(Exception):
    """Base of all errors that ipgraph raises on purpose."""


class UsageError(IpgraphError):
    """The call is wrong: an unknown query, a missing parameter, an ambiguous name."""


class SourceError(IpgraphError):
    """An input cannot be read or is no article."""


class PipelineError(IpgraphError):
    """A language pipeline is missing or does not fit."""


class StoreError(IpgraphError):
    """A graph store or the ledger cannot be reached or refuses."""
