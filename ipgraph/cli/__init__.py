"""The command line: parses, calls the plain functions, prints. Holds no logic."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from ipgraph import config as settings
from ipgraph.cli.base import Exit, talk
from ipgraph.errors import IpgraphError, StoreError, UsageError

COMMANDS = {
    "ingest": "Clean, extract, resolve, store; twice changes nothing.",
    "clean": "The cleaned article alone: metadata, body, kinds of lines.",
    "extract": "The same up to the facts, printed, nothing stored.",
    "find": "Which people, bodies, events bear that name or alias.",
    "show": "One article with its facts marked in the text.",
    "query": "The library of questions, and free read-only Cypher.",
    "why": "Every sentence behind an entity, or behind what ties two.",
    "view": "Networks of organizations, people or events, to look at.",
    "export": "The graph as jsonl, graphml, gexf, csv, neo4j-admin, cypher.",
    "sync": "Bring a Neo4j in line with the ledger.",
    "bolt": "Keep the embedded store's Bolt port open for others.",
    "remove": "Retract an article with what only it stated.",
    "evaluate": "Precision, recall, F1 against gold annotations.",
    "schema": "Labels, relationship types and properties of the graph.",
    "stats": "What the ledger holds, counted.",
    "doctor": "What is wrong with this installation, if anything.",
    "config": "Settings, and where each value comes from.",
}


class _ReaderGone(Exception):
    """Nobody reads our output any more. Click would end the program for a BrokenPipeError, with exit code 1."""


@contextmanager
def _watched() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as e:
        raise _ReaderGone from e


class _Lazy(click.Group):
    """A group whose commands are modules of this package, imported when asked for: `--help` stays quick."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _watched():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with _watched():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if importlib.util.find_spec(f"ipgraph.cli.{name}")]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"ipgraph.cli.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="ipgraph", prog_name="ipgraph")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Who met whom, read from the news: articles in, a graph whose every fact cites its sentence out.

    \b
    Examples:
      ipgraph ingest articles/            read every article of a folder
      ipgraph query attended event=...    who attended an event
      ipgraph why "Liu Hua"               the sentences behind a person
    """
    if settings.value("relations")[0]:
        from ipgraph.relations import rules

        rules.active()  # its relationship types are in the schema before a command asks for it


def _code(error: IpgraphError) -> Exit:
    if isinstance(error, UsageError):
        return Exit.USAGE
    return Exit.STORE if isinstance(error, StoreError) else Exit.FAILURE


def _let_go() -> Exit:
    """What the reader of our output has read is right; Python is not to complain when it closes the rest."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)
    return Exit.OK


def _run(arguments: list[str]) -> int:
    try:
        result = cli.main(arguments, prog_name="ipgraph", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as e:
        e.show()
        return int(e.exit_code)
    except (click.Abort, KeyboardInterrupt):
        talk("interrupted")
        return Exit.INTERRUPTED
    except (_ReaderGone, BrokenPipeError):
        return _let_go()
    except OSError as e:
        if "--debug" in arguments:
            raise
        talk(f"{e.filename or 'output'}: {e.strerror or e}")
        return Exit.FAILURE
    except IpgraphError as e:
        if "--debug" in arguments:
            raise
        talk(str(e))
        return _code(e)
    return result if isinstance(result, int) else Exit.OK


def main() -> None:
    """Entry point of the console script."""
    sys.exit(_run(sys.argv[1:]))
