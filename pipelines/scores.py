"""Quick scores on dev parts while the network trains: trees on gold tokens and borders, spans, pairs by label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from tokenizers import Tokenizer

from ipgraph.encoder import decode, pairs

from . import fit
from .examples import SPAN_LABELS, UNKNOWN, Example
from .network import Network


def _batches(examples: Sequence[Example], size: int = 24) -> list[list[Example]]:
    ordered = sorted(examples, key=lambda e: len(e.words))
    return [list(ordered[i : i + size]) for i in range(0, len(ordered), size)]


@torch.no_grad()
def trees(network: Network, examples: Sequence[Example], cutter: Tokenizer) -> dict[str, float]:
    """Percent right over words whose gold is known."""
    network.eval()
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for examples_ in _batches(examples):
        batch = fit.collate(examples_, cutter)
        words = network.words(batch.ids, batch.cases, batch.mask, batch.first)
        for name in fit.COLUMNS:
            gold = fit.padded(batch, lambda e, n=name: e.tree.columns[n])  # type: ignore[misc, union-attr]
            known = batch.there
            right[name] += int(((getattr(network, name)(words).argmax(-1) == gold) & known).sum())
            total[name] += int(known.sum())
        gold, same = fit.arc_targets(batch)
        scores = network.arcs(words).masked_fill(~same, -1e4).numpy()
        deps = fit.padded(batch, lambda e: e.tree.columns["deps"])  # type: ignore[union-attr]
        full = network.arcs.heads(words)
        for row, example, start, stop in (
            (row, e, a, b) for e, rows in zip(batch.examples, batch.rows, strict=True) for row, a, b in rows
        ):
            assert example.tree is not None
            sentence = np.cumsum(example.tree.starts)[start:stop]
            found = decode.heads(scores[row, : stop - start], sentence)
            local = torch.from_numpy(np.where(found == np.arange(stop - start), 0, found + 1))
            label = network.labels(words[row, : stop - start], full[row][local]).argmax(-1)
            ok = local == gold[row, : stop - start]
            right["uas"] += int(ok.sum())
            right["las"] += int((ok & (label == deps[row, : stop - start])).sum())
            total["uas"] += stop - start
            total["las"] += stop - start
    return {name: 100 * right[name] / total[name] for name in total}


@torch.no_grad()
def spans(network: Network, examples: Sequence[Example], cutter: Tokenizer) -> dict[str, float]:
    """F1 by kind and in all, in percent, where the gold is known."""
    network.eval()
    counts: dict[str, list[int]] = {}
    for examples_ in _batches(examples):
        batch = fit.collate(examples_, cutter)
        words = network.words(batch.ids, batch.cases, batch.mask, batch.first)
        scores = network.span_scores(words)
        for number, example in enumerate(batch.examples):
            assert example.tags is not None
            own = decode.best_tags(decode.log_softmax(batch.flat(scores, number).float().numpy()))
            known = example.tags != UNKNOWN
            gold = set(decode.spans(np.where(known, example.tags, 0)))
            found = {s for s in decode.spans(own) if known[s[0] : s[1], s[2]].all()}
            for at, spans_ in enumerate((gold & found, found, gold)):
                for *_, kind in spans_:
                    counts.setdefault(SPAN_LABELS[kind], [0, 0, 0])[at] += 1
    counts["all"] = [sum(c[i] for k, c in counts.items() if "~" not in k) for i in range(3)]
    return {k: 200 * c[0] / max(c[1] + c[2], 1) for k, c in sorted(counts.items())}


@torch.no_grad()
def pair_table(network: Network, examples: Sequence[Example], cutter: Tokenizer) -> dict[str, float]:
    """F1 by label at the threshold one half, on gold mentions, in percent; what is out of reach counts as missed."""
    network.eval()
    counts = {label: [0, 0, 0] for label in pairs.LABELS}
    for example in examples:
        if example.ties is None:
            continue
        batch = fit.collate([example], cutter)
        own = batch.flat(network.words(batch.ids, batch.cases, batch.mask, batch.first), 0)
        for fact in example.ties.facts:
            counts[pairs.LABELS[fact.label]][2] += 1
        for same in (False, True):
            found = fit.pair_inputs(example, same)
            if not len(found):
                continue
            gold, known = fit.pair_targets(example, found, same)
            scores = torch.sigmoid(fit.pair_scores(network, own, fit.pair_mentions(example, same), found))
            guess = (scores > 0.5).float() * known
            for n, label in enumerate(pairs.LABELS):
                counts[label][0] += int((guess[:, n] * gold[:, n]).sum())
                counts[label][1] += int(guess[:, n].sum())
    facts = [c for k, c in counts.items() if k not in ("SAME", "TITLE_PERSON", "TITLE_BODY", "DATE_EVENT")]
    counts["facts"] = [sum(c) for c in zip(*facts, strict=True)]
    return {k: 200 * c[0] / max(c[1] + c[2], 1) for k, c in counts.items()}
