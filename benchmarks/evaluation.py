"""How good the facts are on the test articles, and the gate that keeps them so.

    python -m benchmarks.evaluation            scores by type with bootstrap intervals, calibration, kinds of error
    python -m benchmarks.evaluation --check    exit 1 where a pinned score fell by more than its noise
    python -m benchmarks.evaluation --pin      pin today's scores

Scores are pinned in benchmarks/evaluation.json beside a hash of the test articles: other articles want a new pin.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ipgraph import annotate, config, evaluate
from ipgraph import pipeline as stages
from ipgraph.corpus.format import read
from ipgraph.corpus.gold import write_gold

ROOT = Path(__file__).parent.parent
PINS = Path(__file__).with_suffix(".json")
LEAST_NOISE = 0.005


def digest(files: list[Path]) -> str:
    """Of the names and contents of these files."""
    out = hashlib.sha256()
    for file in files:
        out.update(file.name.encode() + b"\0" + file.read_bytes())
    return out.hexdigest()[:16]


def measure(files: list[Path]) -> dict[str, Any]:
    """Scores by type, intervals, other figures, and what is wrong."""
    least = float(config.SETTINGS["min-confidence"].default)
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_gold([read(file) for file in files], folder)
        golds = evaluate.read_gold(folder)
        found = stages.predictions(stages.extract([str(p) for p in sorted(folder.glob("*.txt"))], annotate.load()), 0.0)
    shown = {s: {**p, "relations": [r for r in p["relations"] if r["confidence"] >= least]} for s, p in found.items()}
    scores = list(evaluate.score_all(golds, shown).values())
    every = [(r["confidence"], ok) for s, p in shown.items() for r, ok in evaluate.judged(golds[s], p)]
    every_low = [(r["confidence"], ok) for s, p in found.items() for r, ok in evaluate.judged(golds[s], p)]
    total = evaluate.total(scores)
    return {
        "rows": evaluate.rows(total),
        "intervals": evaluate.intervals(scores),
        "calibration error": evaluate.calibration_error(every),
        "calibration error, all facts": evaluate.calibration_error(every_low),
        "log": total.log,
    }


def kinds(log: list[str]) -> list[tuple[str, int]]:
    """The commonest kinds of error: missed or false, and what."""
    return Counter(_kind(line) for line in log).most_common(14)


def _kind(line: str) -> str:
    for mark in (" -", ": "):
        if mark in line and (mark == ": " or "-> " in line):
            what = line.split("-")[-2] if mark == " -" else line.split()[1].rstrip(":")
            return f"{line.split()[0]} {what}"
    return line.split()[0]


def main() -> int:
    """Print, check or pin."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--pin", action="store_true")
    parser.add_argument("--split", default="test")
    arguments = parser.parse_args()
    files = sorted((ROOT / "corpus" / "annotated" / arguments.split).glob("*.txt"))
    result = measure(files)
    f1 = {row["what"]: row["f1"] for row in result["rows"] if "f1" in row}
    if arguments.pin:
        pinned = {k: {"f1": v, "noise": _noise(result["intervals"].get(k, (v, v)))} for k, v in f1.items()}
        PINS.write_text(json.dumps({"articles": digest(files), "scores": pinned}, indent=1) + "\n")
        print(f"pinned {len(pinned)} scores of {len(files)} articles in {PINS.name}")
        return 0
    if arguments.check:
        return _check(digest(files), f1)
    for row in result["rows"]:
        low, high = result["intervals"].get(row["what"], (None, None))
        between = f"  [{low:.3f}, {high:.3f}]" if low is not None and high is not None else ""
        counts = " ".join(f"{k} {row[k]}" for k in ("tp", "fp", "fn") if k in row)
        figures = " ".join(f"{k} {row[k]:.3f}" for k in ("precision", "recall", "f1") if k in row)
        print(f"{row['what']:26} {figures}{between}  {counts}")
    print(f"calibration error of the facts shown {result['calibration error']:.3f}; ", end="")
    print(f"of all facts {result['calibration error, all facts']:.3f}")
    print("commonest errors: " + "; ".join(f"{k} {n}" for k, n in kinds(result["log"])))
    return 0


def _noise(interval: tuple[float, float]) -> float:
    """A quarter of the half-width of the interval: what another kind of CPU or a harmless change may move."""
    return round(max((interval[1] - interval[0]) / 8, LEAST_NOISE), 4)


def _check(articles: str, f1: dict[str, float]) -> int:
    pins = json.loads(PINS.read_text())
    if pins["articles"] != articles:
        print("the test articles changed since the scores were pinned; look at the scores, then run with --pin")
        return 1
    fallen = [
        f"{k} fell from {pin['f1']:.4f} to {f1.get(k, 0.0):.4f}, more than {pin['noise']:.4f}"
        for k, pin in pins["scores"].items()
        if f1.get(k, 0.0) < pin["f1"] - pin["noise"]
    ]
    print("\n".join(fallen) or f"{len(pins['scores'])} pinned scores hold")
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
