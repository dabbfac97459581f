"""`ipgraph config`."""

from __future__ import annotations

import click

from ipgraph import config
from ipgraph.cli import base


@click.command("config", short_help="Settings and their origin.")
@base.format_option
def command(format_: str) -> int:
    """Every setting, its value here and now, and where that comes from.

    Options beat the environment, the environment beats the config file (IPGRAPH_CONFIG, ./ipgraph.toml, or
    ipgraph/config.toml in the user's config folder), the file beats the default.

    \b
    Examples:
      ipgraph config
      IPGRAPH_DB=/data/ip ipgraph config --format json
    See also: doctor.
    """
    rows = []
    for name, setting in config.SETTINGS.items():
        value, origin = config.value(name)
        rows.append({"setting": name, "value": value, "from": origin, "env": setting.env, "means": setting.help})
    base.emit(["setting", "value", "from", "env", "means"], rows, format_)
    return base.Exit.OK
