"""The training itself: two networks of spaCy's, one for words and trees, one for the spans, fitted one after the other.

Fixed seeds and a fixed order of the examples: the same data give the same weights on the same kind of CPU.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from time import perf_counter
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Optimizer, fix_random_seed

from ..data import Spanned, reference

SEED = 1
TREE_PIPES = ("tagger", "morphologizer", "trainable_lemmatizer", "parser")
WORDS_PER_BATCH = 600


def tok2vec(width: int, rows: Sequence[int]) -> dict[str, Any]:
    """Config of a hash-embedding CNN over norm, prefix, suffix and shape."""
    return {
        "model": {
            "@architectures": "spacy.Tok2Vec.v2",
            "embed": {
                "@architectures": "spacy.MultiHashEmbed.v2",
                "width": width,
                "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
                "rows": list(rows),
                "include_static_vectors": False,
            },
            "encode": {
                "@architectures": "spacy.MaxoutWindowEncoder.v2",
                "width": width,
                "depth": 4,
                "window_size": 1,
                "maxout_pieces": 3,
            },
        }
    }


def listener(width: int, upstream: str) -> dict[str, Any]:
    """Config of a layer that reads what the network `upstream` made of the Doc."""
    return {"@architectures": "spacy.Tok2VecListener.v1", "width": width, "upstream": upstream}


def transitions(width: int, upstream: str, kind: str, hidden: int) -> dict[str, Any]:
    """Config of a transition model: `kind` is parser or ner."""
    return {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": kind,
        "extra_state_tokens": False,
        "hidden_width": hidden,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": listener(width, upstream),
    }


def add_tree_pipes(nlp: Language, width: int) -> None:
    """Untrained network, tagger, morphologizer, lemmatizer and parser at the end of the pipeline."""
    nlp.add_pipe("tok2vec", config=tok2vec(width, (5000, 1000, 2500, 2500)))
    tagger = {"@architectures": "spacy.Tagger.v2", "tok2vec": listener(width, "tok2vec")}
    nlp.add_pipe("tagger", config={"model": tagger})
    nlp.add_pipe("morphologizer", config={"model": tagger})
    nlp.add_pipe("trainable_lemmatizer", config={"model": tagger, "top_k": 2, "min_tree_freq": 5})
    parser = transitions(width, "tok2vec", "parser", 96)
    nlp.add_pipe("parser", config={"model": parser, "min_action_freq": 20, "learn_tokens": False})


def batches(items: Sequence[Any], size: Callable[[Any], int], rng: random.Random) -> Iterator[list[Any]]:
    """The items in random order, in batches of about WORDS_PER_BATCH words."""
    order = list(items)
    rng.shuffle(order)
    batch: list[Any] = []
    words = 0
    for item in order:
        batch.append(item)
        words += size(item)
        if words >= WORDS_PER_BATCH:
            yield batch
            batch, words = [], 0
    if batch:
        yield batch


def optimizer() -> Optimizer:
    """Adam with weight decay, clipped gradients and averaged weights."""
    return Optimizer(0.001, L2=0.01, grad_clip=1.0, use_averages=True, L2_is_weight_decay=True)


def rate(done: float) -> float:
    """The learning rate after this share of the training: a short rise, then a straight fall to a tenth."""
    return 0.001 * min(done / 0.02 + 0.05, 1.0) * (1.0 - 0.9 * done)


def bare(doc: Doc) -> Doc:
    """The same tokens without annotation."""
    return Doc(doc.vocab, words=[t.text for t in doc], spaces=[bool(t.whitespace_) for t in doc])


def varied(doc: Doc, rng: random.Random) -> Doc:
    """The Doc, or now and then a copy in capitals, in Title Case or without capitals: headlines come in all of them."""
    how = rng.random()
    if how > 0.12:
        return doc
    change = str.upper if how < 0.04 else str.title if how < 0.09 else str.lower
    # "n't" has no Title Case, and letters such as "ß" or a final sigma do not come back: the two Docs must align.
    words = [change(t.text) if t.is_ascii and "'" not in t.text else t.text for t in doc]
    return Doc(doc.vocab, words=words, spaces=[bool(t.whitespace_) for t in doc])


def fit_trees(nlp: Language, docs: Sequence[Doc], epochs: int, report: Callable[[int, float], None]) -> None:
    """Fit the network and all of TREE_PIPES to these Docs; `report` hears the epoch and the seconds it took."""
    fix_random_seed(SEED)
    rng = random.Random(SEED)
    pipes: list[Any] = [nlp.get_pipe(name) for name in ("tok2vec", *TREE_PIPES)]
    sample = [Example(bare(d), d) for d in docs]
    for pipe in pipes:
        pipe.initialize(lambda: iter(sample), nlp=nlp)
    sgd = optimizer()
    for epoch in range(epochs):
        began = perf_counter()
        steps = list(batches(docs, len, rng))
        for step, batch in enumerate(steps):
            sgd.learn_rate = rate((epoch + step / len(steps)) / epochs)
            update(pipes, [[Example(varied(bare(d), rng), d) for d in batch]] * len(pipes), sgd)
        with nlp.use_params(sgd.averages):
            report(epoch, perf_counter() - began)
    keep_averages(pipes, sgd)


def add_span_pipes(nlp: Language, width: int, heads: Sequence[str]) -> None:
    """An untrained network and a recognizer for each head at the end of the pipeline, then their merger."""
    nlp.add_pipe("tok2vec", name="tok2vec_spans", config=tok2vec(width, (5000, 1000, 2500, 2500)))
    for head in heads:
        nlp.add_pipe("ipgraph_head", name=head, config={"model": transitions(width, "tok2vec_spans", "ner", 64)})
    nlp.add_pipe("ipgraph_spans", config={"heads": list(heads)})


def fit_spans(
    nlp: Language,
    items: Sequence[tuple[Spanned, float]],
    heads: Sequence[str],
    epochs: int,
    report: Callable[[int, float], None],
) -> None:
    """Fit the heads and their network to these Docs, each taken as often an epoch as its weight says.

    The last head must know nearly all sets: the network hears of errors when the last head has.
    """
    fix_random_seed(SEED)
    rng = random.Random(SEED)
    pipes: list[Any] = [nlp.get_pipe(name) for name in ("tok2vec_spans", *heads)]
    references = [{head: reference(item, head) for head in heads} for item, _weight in items]
    for pipe, head in zip(pipes, (heads[-1], *heads), strict=True):
        sample = [Example(bare(r[head]), r[head]) for r in references if r[head].ents]
        pipe.initialize(lambda sample=sample: iter(sample), nlp=nlp)
    sgd = optimizer()
    for epoch in range(epochs):
        began = perf_counter()
        chosen = [i for i, (_item, weight) in enumerate(items) for _ in range(int(weight + rng.random()))]
        steps = list(batches(chosen, lambda i: len(items[i][0].doc), rng))
        for step, batch in enumerate(steps):
            sgd.learn_rate = rate((epoch + step / len(steps)) / epochs)
            docs = [varied(bare(items[i][0].doc), rng) for i in batch]
            examples = [
                [Example(doc, references[i][head]) for doc, i in zip(docs, batch, strict=True)] for head in heads
            ]
            if any(known.y.has_annotation("ENT_IOB") for known in examples[-1]):
                update(pipes, [examples[-1], *examples], sgd)
        with nlp.use_params(sgd.averages):
            report(epoch, perf_counter() - began)
    keep_averages(pipes, sgd)


def update(pipes: Iterable[Any], examples: Iterable[list[Example]], sgd: Optimizer) -> dict[str, float]:
    """One step of all pipes together, the network first; each has examples of its own over the same Docs."""
    losses: dict[str, float] = {}
    pipes = list(pipes)
    for pipe, batch in zip(pipes, examples, strict=True):
        pipe.update(batch, drop=0.1, sgd=None, losses=losses)
    for pipe in pipes:
        pipe.finish_update(sgd)
    return losses


def keep_averages(pipes: Iterable[Any], sgd: Optimizer) -> None:
    """Replace the last weights by their running averages, for good."""
    averages = sgd.averages or {}
    for node in [node for pipe in pipes for node in pipe.model.walk()]:
        for name in node.param_names:
            if node.has_param(name) and (node.id, name) in averages:
                node.set_param(name, averages[node.id, name])
