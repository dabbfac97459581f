"""The training: batches of all sources in turn, one loss for each head, averaged weights."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from ipgraph.encoder import pairs
from ipgraph.encoder.pieces import cut, windows

from .examples import UNKNOWN, Example, Pools, recased, swapped
from .network import Network

PIECES = 2600
COLUMNS = {"xpos": 1.0, "upos": 1.0, "feats": 0.5, "lemma": 0.5}
CLS, SEP, UNK = 101, 102, 100


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of some examples, padded: pieces, cases, which pieces are there, first piece of each word, which words
    are there; and for each example its windows (row, first word, last word).
    """

    ids: Tensor
    cases: Tensor
    mask: Tensor
    first: Tensor
    there: Tensor
    examples: list[Example]
    rows: list[list[tuple[int, int, int]]]

    def flat(self, words: Tensor, number: int) -> Tensor:
        """The vectors of all words of an example, from the padded ones (B, W, n)."""
        return torch.cat([words[row, : stop - start] for row, start, stop in self.rows[number]])


def collate(examples: Sequence[Example], cutter: Tokenizer) -> Batch:
    """Examples as one batch."""
    found: list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]] = []
    rows: list[list[tuple[int, int, int]]] = []
    for example in examples:
        own = cut(example.words, example.line_starts, cutter, UNK)
        rows.append([])
        for start, stop in windows(own.first, example.line_starts, example.ends):
            low, high = own.first[start], own.first[stop]
            rows[-1].append((len(found), start, stop))
            found.append((own.ids[low:high], own.cases[low:high], own.first[start:stop] - low + 1))
    size = max(len(ids) for ids, _, _ in found) + 2
    words = max(len(first) for _, _, first in found)
    ids = torch.zeros(len(found), size, dtype=torch.long)
    cases, first = torch.zeros_like(ids), torch.zeros(len(found), words, dtype=torch.long)
    mask, there = torch.zeros_like(ids, dtype=torch.bool), torch.zeros_like(first, dtype=torch.bool)
    for i, (own_ids, own_cases, own_first) in enumerate(found):
        n, w = len(own_ids), len(own_first)
        ids[i, 0], ids[i, 1 : n + 1], ids[i, n + 1] = CLS, torch.from_numpy(own_ids), SEP
        cases[i, 1 : n + 1] = torch.from_numpy(own_cases)
        mask[i, : n + 2] = True
        first[i, :w] = torch.from_numpy(own_first)
        there[i, :w] = True
    return Batch(ids, cases, mask, first, there, list(examples), rows)


# --- losses ---------------------------------------------------------------------------------------------------------


def padded(batch: Batch, values: Callable[[Example], np.ndarray[Any, Any]], shape: tuple[int, ...] = ()) -> Tensor:
    """A value for each word, laid out as the batch's words; UNKNOWN where no word is."""
    out = torch.full((*batch.first.shape, *shape), UNKNOWN, dtype=torch.long)
    for example, rows in zip(batch.examples, batch.rows, strict=True):
        own = torch.from_numpy(np.asarray(values(example)))
        for row, start, stop in rows:
            out[row, : stop - start] = own[start:stop]
    return out


def entropy(scores: Tensor, gold: Tensor) -> Tensor:
    """Mean cross-entropy over what is known; zero where nothing is."""
    scores, gold = scores.flatten(0, -2).float(), gold.flatten()
    known = gold != UNKNOWN
    return F.cross_entropy(scores[known], gold[known]) if known.any() else scores.sum() * 0.0


def arc_targets(batch: Batch) -> tuple[Tensor, Tensor]:
    """Gold heads (0 the root) within each window, and which heads lie in a word's own sentence."""
    heads = torch.full(batch.first.shape, UNKNOWN, dtype=torch.long)
    number = torch.full(batch.first.shape, -1, dtype=torch.long)
    for example, rows in zip(batch.examples, batch.rows, strict=True):
        tree = example.tree
        assert tree is not None
        sentence = np.cumsum(tree.starts)
        for row, start, stop in rows:
            own = tree.head[start:stop]
            local = np.where(own < 0, 0, own - start + 1)
            outside = (own >= 0) & ((own < start) | (own >= stop))
            heads[row, : stop - start] = torch.from_numpy(np.where(outside, UNKNOWN, local))
            number[row, : stop - start] = torch.from_numpy(sentence[start:stop])
    same = number[:, :, None] == number[:, None, :]
    same &= (number >= 0)[:, :, None]
    return heads, torch.cat([torch.ones_like(same[..., :1]), same], -1)


def tree_loss(network: Network, batch: Batch, words: Tensor) -> Tensor:
    """Tags, sentence borders, heads and labels."""
    dropped = network.drop(words)
    total = words.sum() * 0.0
    for name, weight in COLUMNS.items():
        gold = padded(batch, lambda e, n=name: e.tree.columns[n])  # type: ignore[misc, union-attr]
        total = total + weight * entropy(getattr(network, name)(dropped), gold)
    total = total + 0.5 * entropy(network.border(dropped), padded(batch, lambda e: e.tree.starts))  # type: ignore[union-attr]
    heads, same = arc_targets(batch)
    scores = network.arcs(dropped).float().masked_fill(~same, -1e4)
    total = total + entropy(scores, heads)
    chosen = network.arcs.heads(dropped).gather(1, heads.clamp(min=0)[..., None].expand(-1, -1, dropped.shape[-1]))
    gold = padded(batch, lambda e: e.tree.columns["deps"])  # type: ignore[union-attr]
    gold = gold.masked_fill(heads == UNKNOWN, UNKNOWN)
    known = gold != UNKNOWN
    return total + entropy(network.labels(dropped[known], chosen[known]), gold[known])


def span_loss(network: Network, batch: Batch, words: Tensor) -> Tensor:
    """Spans: words inside or at the border of one weigh as much as all others together do at most four to one."""
    gold = padded(batch, lambda e: e.tags, (network.sizes.kinds,))  # type: ignore[arg-type, return-value]
    scores = network.span_scores(network.drop(words)).float()
    known = gold != UNKNOWN
    losses = F.cross_entropy(scores[known], gold[known], reduction="sum")
    return losses / (batch.there.sum() * 0.5)


def pair_inputs(example: Example, same: bool) -> pairs.Pairs:
    """The candidate pairs of an example."""
    assert example.ties is not None
    return pairs.candidates(pair_mentions(example, same), example.breaks, same=same)


def pair_mentions(example: Example, same: bool) -> Sequence[pairs.Marked]:
    """The mentions of an example, pronouns untied where it is to be found what they stand for."""
    assert example.ties is not None
    return pairs.untied(example.ties.mentions) if same else example.ties.mentions


def pair_scores(network: Network, words: Tensor, mentions: Sequence[pairs.Marked], found: pairs.Pairs) -> Tensor:
    """Scores of pairs in one example's words (W, WIDTH)."""
    scorer = network.pairs
    start, last, kind = torch.tensor([(m.start, m.end - 1, m.kind_mode) for m in mentions]).T
    vectors = scorer.mentions(words, start, last, kind)
    between = maxima(scorer.contexts(words), torch.from_numpy(found.low), torch.from_numpy(found.high))
    values = (found.head, found.tail), (found.distance, found.ends, found.between)
    head, tail = map(torch.from_numpy, values[0])
    scores: Tensor = scorer(vectors, head, tail, between, *map(torch.from_numpy, values[1]))
    return scores


def maxima(values: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """`pairs.maxima` with gradients."""
    out = values.new_zeros(len(low), values.shape[1])
    length = high - low
    table, width = values, 1
    while True:
        here = torch.nonzero((length >= width) & (length < 2 * width))[:, 0]
        if len(here):
            out = out.index_put((here,), torch.maximum(table[low[here]], table[high[here] - width]))
        if 2 * width > len(values) or not bool((length >= 2 * width).any()):
            return out
        table = torch.maximum(table[: len(table) - width], table[width:])
        width *= 2


def pair_loss(network: Network, batch: Batch, words: Tensor) -> Tensor:
    """Binary losses of all labels that a pair's kinds allow and the gold does not leave open."""
    total, count = words.sum() * 0.0, 1.0
    for number, example in enumerate(batch.examples):
        if example.ties is None or len(example.ties.mentions) < 2:
            continue
        own = batch.flat(words, number)
        for same in (False, True):
            found = pair_inputs(example, same)
            if not len(found):
                continue
            gold, known = pair_targets(example, found, same)
            scores = pair_scores(network, own, pair_mentions(example, same), found).float()
            losses = F.binary_cross_entropy_with_logits(scores, gold, reduction="none")
            total = total + (losses * known).sum()
            count += float((gold * known).sum())
    return total / count


def pair_targets(example: Example, found: pairs.Pairs, same: bool) -> tuple[Tensor, Tensor]:
    """For each pair and label: whether it holds, and whether that is known and possible."""
    ties = example.ties
    assert ties is not None
    kinds = np.array([m.kind for m in ties.mentions])
    known = pairs.ALLOWED[kinds[found.head], kinds[found.tail]].astype(np.float32)
    known[:, : pairs.INDEX["SAME"]] *= not same
    known[:, pairs.INDEX["SAME"]] = float(same)
    place = {(h, t): i for i, (h, t) in enumerate(zip(found.head.tolist(), found.tail.tolist(), strict=True))}
    gold = np.zeros_like(known)
    for h, t, label in ties.unsure:
        if (h, t) in place:
            known[place[h, t], label] = 0.0
    for fact in ties.facts:
        if (fact.head, fact.tail) in place:
            gold[place[fact.head, fact.tail], fact.label] = 1.0
    return torch.from_numpy(gold * known), torch.from_numpy(known)


# --- the loop -------------------------------------------------------------------------------------------------------


class Average:
    """An exponential moving average of the weights."""

    def __init__(self, network: nn.Module, decay: float = 0.999) -> None:
        self.decay, self.steps = decay, 0
        self.values = {k: v.detach().clone() for k, v in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take in the present weights."""
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 10))
        own = list(self.values.values())
        torch._foreach_lerp_(own, [v.detach() for v in network.state_dict().values()], 1 - decay)


@dataclass(slots=True)
class Stream:
    """Endless batches of one source, in random order, each of about PIECES pieces."""

    examples: Sequence[Example]
    rng: random.Random
    change: Callable[[Example], Example]

    def __iter__(self) -> Iterator[list[Example]]:
        while True:
            order = list(self.examples)
            self.rng.shuffle(order)
            # neighbours of like length pad less
            order = [
                e for i in range(0, len(order), 256) for e in sorted(order[i : i + 256], key=lambda e: len(e.words))
            ]
            batches: list[list[Example]] = [[]]
            for example in order:
                longest = max(len(example.words), *(len(e.words) for e in batches[-1]), 1)
                if (len(batches[-1]) + 1) * min(longest, 150) * 1.3 > PIECES and batches[-1]:
                    batches.append([])
                batches[-1].append(example)
            self.rng.shuffle(batches)
            for batch in batches:
                yield [self.change(e) for e in batch]


def stream(examples: Sequence[Example], pool: Pools | None, seed: int) -> Iterator[list[Example]]:
    """Batches in which case, and where there is a pool names, change now and then."""
    rng = random.Random(seed)

    def change(example: Example) -> Example:
        if pool is not None and example.ties is not None and rng.random() < 0.6:
            example = swapped(example, pool, rng)
        return recased(example, rng)

    return iter(Stream(examples, rng, change))


def rate(done: float) -> float:
    """The share of the highest learning rate after this share of the training: a short rise, a straight fall."""
    return min(done / 0.03 + 0.02, 1.0) * (1.0 - done)


def fit(
    network: Network,
    sources: dict[str, tuple[float, Iterator[list[Example]]]],
    cutter: Tokenizer,
    *,
    steps: int = 0,
    minutes: float = 0.0,
    rates: tuple[float, float] = (2.5e-4, 1e-3),
    seed: int = 1,
    report: Callable[[int, dict[str, float], Average], None],
    every: int = 100,
) -> Average:
    """Train for so many steps, or minutes. `sources` maps a name (tree, span, own) to its share and its batches."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    inner = list(network.encoder.parameters())
    outer = [p for n, p in network.named_parameters() if not n.startswith("encoder.")]
    groups = [{"params": inner, "lr": rates[0]}, {"params": outer, "lr": rates[1]}]
    adam = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    average, began, step = Average(network), monotonic(), 0
    sums: dict[str, list[float]] = {}
    names, shares = list(sources), [share for share, _ in sources.values()]
    while True:
        done = step / steps if steps else (monotonic() - began) / 60 / minutes
        if done >= 1:
            return average
        for group, top in zip(adam.param_groups, rates, strict=True):
            group["lr"] = top * rate(done)
        name = rng.choices(names, shares)[0]
        loss = _step(network, name, next(sources[name][1]), cutter)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        adam.zero_grad(set_to_none=True)
        average.update(network)
        sums.setdefault(name, []).append(float(loss.detach()))
        step += 1
        if step % every == 0:
            report(step, {n: float(np.mean(v)) for n, v in sums.items()} | {"done": done}, average)
            sums = {}


def _step(network: Network, name: str, examples: list[Example], cutter: Tokenizer) -> Tensor:
    network.train()
    batch = collate(examples, cutter)
    with torch.autocast("cpu", torch.bfloat16):
        words = network.words(batch.ids, batch.cases, batch.mask, batch.first)
        words = words.float()
        if name == "tree":
            return tree_loss(network, batch, words)
        loss = span_loss(network, batch, words)
        return loss + pair_loss(network, batch, words) if name == "own" else loss
