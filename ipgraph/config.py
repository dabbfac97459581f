"""Settings and where each value comes from: option, environment, config file, default, in this order."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ipgraph.errors import UsageError


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name (the option without dashes), environment variable, default and meaning."""

    name: str
    env: str
    default: str
    help: str


SETTINGS: dict[str, Setting] = {
    s.name: s
    for s in (
        Setting("db", "IPGRAPH_DB", "ipgraph-db", "Workspace folder: the ledger and the embedded graph."),
        Setting("store", "IPGRAPH_STORE", "embedded", "Where queries run: `embedded`, or the URL of a Neo4j."),
        Setting("pipeline", "IPGRAPH_PIPELINE", "en_ipgraph_news", "Language pipeline: name or path."),
        Setting("min-confidence", "IPGRAPH_MIN_CONFIDENCE", "0.5", "Leave out facts below this confidence, 0 to 1."),
        Setting(
            "relations",
            "IPGRAPH_RELATIONS",
            "",
            "File with relationship types and rules of your own.",
        ),
        Setting(
            "format", "IPGRAPH_FORMAT", "", "table, json, jsonl or csv; by default a table on a terminal, else jsonl."
        ),
    )
}


def path() -> Path:
    """The config file: IPGRAPH_CONFIG, else ./ipgraph.toml, else the one in the user's config folder."""
    if named := os.environ.get("IPGRAPH_CONFIG"):
        return Path(named)
    local = Path("ipgraph.toml")
    if local.is_file():
        return local
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "ipgraph" / "config.toml"


def _is_file(file: Path) -> bool:
    """Whether there is such a file; one in a folder that is closed to us is none."""
    try:
        return file.is_file()
    except OSError:
        return False


def from_file() -> Mapping[str, str]:
    """Settings of the config file, empty where there is none. Raises UsageError for a broken one or unknown names."""
    file = path()
    if not _is_file(file):
        if os.environ.get("IPGRAPH_CONFIG"):
            raise UsageError(f"no config file {file}; IPGRAPH_CONFIG names it; unset it or write the file")
        return {}
    try:
        values: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as e:
        raise UsageError(f"cannot read config file {file}; {e}; mend or remove it") from e
    if unknown := sorted(set(values) - set(SETTINGS)):
        raise UsageError(f"{file} sets {', '.join(unknown)}; known are {', '.join(SETTINGS)}; mend the file")
    return {k: str(v) for k, v in values.items()}


def value(name: str, given: str | None = None) -> tuple[str, str]:
    """The value of a setting and where it comes from: option, environment, a file's path, or default."""
    setting = SETTINGS[name]
    if given is not None:
        return given, "option"
    if held := os.environ.get(setting.env):
        return held, setting.env
    file = from_file()
    if name in file:
        return file[name], str(path())
    return setting.default, "default"
