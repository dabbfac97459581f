"""Writes docs/commands.md from the commands themselves: `python docs/make_commands.py`."""

from __future__ import annotations

from pathlib import Path

import click

from ipgraph.cli import _Lazy, cli


def reference() -> str:
    """The help of every command as Markdown."""
    assert isinstance(cli, _Lazy)
    names = ["-h", "--help"]
    root = click.Context(cli, info_name="ipgraph", help_option_names=names, terminal_width=100, max_content_width=100)
    out = ["# Commands", "", "Written by docs/make_commands.py from the commands' own help.", ""]
    for name in cli.list_commands(root):
        command = cli.get_command(root, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=root, terminal_width=100, max_content_width=100)
        out += [f"## ipgraph {name}", "", "```", command.get_help(context).rstrip(), "```", ""]
    return "\n".join(out)


if __name__ == "__main__":
    (Path(__file__).parent / "commands.md").write_text(reference(), encoding="utf-8")
