"""What should never crash, hang, eat memory, lose a text in silence or take junk for one."""

from __future__ import annotations

import gzip
import io
import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ipgraph import clean
from ipgraph.clean import markup, worker
from ipgraph.errors import SourceError
from ipgraph.model import Article, Source

WORDS = "The mayor of Lindau opened the fair on Friday, and more than two hundred guests came to the old harbour."
STORY = "".join(f"<p>{WORDS} It was the {n}th time that growers met there.</p>" for n in range(4, 9))


def page(data: bytes | str, media_type: str = "text/html") -> Article:
    """The article of a page."""
    raw = data if isinstance(data, bytes) else data.encode()
    return clean.article(Source(raw, "hostile", media_type))


def nested(depth: int) -> str:
    return f"<html><body>{'<div>' * depth}{STORY}{'</div>' * depth}</body></html>"


@pytest.mark.parametrize("depth", [100, 250, 260, 1000, 100_000])
def test_no_text_is_lost_in_deep_nesting(depth: int) -> None:
    assert page(nested(depth)).text.count("opened the fair") == 5


PAGES = {
    "200,000 attributes": f"<html><body><div {' '.join(f'a{i}=1' for i in range(200_000))}>{STORY}</div></body></html>",
    "200,000 links": f"<html><body>{STORY}{'<div><a href=/x>link</a></div>' * 200_000}</body></html>",
    "10 MB of paragraphs": f"<html><body>{STORY}{('<p>' + WORDS + '</p>') * 90_000}</body></html>",
    "internal entities": '<!DOCTYPE html [<!ENTITY c "Lindau">]>'
    + f"<html><body>{STORY.replace('Lindau', '&c;')}</body></html>",
    "a billion laughs": '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + f"]><html><body>{STORY}<p>&i;</p></body></html>",
    "unclosed tags": "<html><body><div><b><p>" + STORY.replace("</p>", "") + "<table><tr><td>",
    "a cut page": f"<html><head><title>Fair</title></head><body>{STORY}<p>The mayor of Lin",
    "NULs": f"<html><body>{STORY}</body></html>".replace("mayor", "may\x00or"),
    "a script never closed": f"<html><body>{STORY}{'<script>' * 50_000}",
    "comments never closed": f"<html><body>{STORY}{'<!-- ' * 50_000}",
    "angle brackets": f"<html><body>{STORY}<p>{'<' * 500_000}</p></body></html>",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_gives_its_text_or_is_named_in_time(name: str) -> None:
    try:
        found = page(PAGES[name])
    except SourceError as e:
        assert name in ("10 MB of paragraphs", "200,000 links"), str(e)  # noqa: PT017
    else:
        assert found.text.count("opened the fair") >= 5
        assert "Lindau" in found.text


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_encodings_of_pages(encoding: str) -> None:
    assert (
        "café"
        in page(f"<html><body>{STORY}<p>{WORDS} Everyone met in the café.</p></body></html>".encode(encoding)).text
    )


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"%PDF-1.7\n" + bytes(range(256)) * 2000, "application/pdf"),
        (bytes(range(256)) * 4000, "text/html"),
        (b"\x00" * 1_000_000, "text/html"),
        (b"PK\x03\x04" + bytes(5000), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"<nitf>", "application/nitf+xml"),
        (bytes(range(128, 256)) * 4000, "text/plain"),
    ],
)
def test_junk_is_not_taken_for_text(data: bytes, media_type: str) -> None:
    with pytest.raises(SourceError):
        page(data, media_type)


@pytest.mark.parametrize(
    "text",
    [
        "The fair opened in Lindau. " + "🎉" * 20_000,
        "The fair opened in Lindau. " + "x" * 1_000_000,
        ("The fair opened in Lindau. " * 40_000),
        "The fair opened in Lindau.\n" * 20_000,
        "The fair opened in Lindau. " + "( " * 100_000,
        "The fair opened in Lindau. " + "A - B | " * 50_000,
    ],
)
def test_plain_text_of_any_shape_is_read_or_refused_by_name(text: str) -> None:
    try:
        assert page(text, "text/plain").text.startswith("The fair opened")
    except SourceError as e:
        assert len(str(e).split("; ")) == 3  # noqa: PT017


SECONDS = worker.SECONDS + worker.SIMPLE_SECONDS + 2
"""Seconds of processor that a file may take, with the start of two processes; a clock on the wall stops the worker."""


def _bomb(size: int) -> bytes:
    out = io.BytesIO()
    with gzip.open(out, "wb", 9) as packed:
        packed.write(b"<html><body>")
        for _ in range(size >> 20):
            packed.write(b"<p>a</p>" * (1 << 17))
    return out.getvalue()


def _zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"a" * (100 << 20))
    return out.getvalue()


def _docx_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w:p>" + b" " * (50 << 20))
    return out.getvalue()


def _nested_zips(depth: int) -> bytes:
    data = STORY.encode()
    for _ in range(depth):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("inner", data)
        data = out.getvalue()
    return data


LAUGHS = (
    '<!DOCTYPE nitf [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + f"]><nitf><body><body.content><p>{WORDS} &i;</p></body.content></body></nitf>"
)
OUTSIDE = (
    '<!DOCTYPE nitf [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    f"<nitf><body><body.content><p>{WORDS} &x;</p></body.content></body></nitf>"
)
NAMED = "named"
READ = "read"
FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "100,000 levels": (lambda: nested(100_000).encode(), READ),
    "10 MB of paragraphs": (lambda: PAGES["10 MB of paragraphs"].encode(), NAMED),
    "50 MB of paragraphs": (lambda: f"<html><body>{('<p>' + WORDS + '</p>') * 450_000}".encode(), NAMED),
    "50 MB in one paragraph": (lambda: f"<html><body><p>{(WORDS + ' ') * 500_000}</p>".encode(), NAMED),
    "50 MB of scripts": (lambda: f"<html><body>{STORY}<script>{'a=1;' * 12_500_000}</script>".encode(), READ),
    "more than 64 MB": (lambda: b"<html><body>" + b"<p>a</p>" * 9_000_000, NAMED),
    "200,000 attributes": (lambda: PAGES["200,000 attributes"].encode(), READ),
    "200,000 links": (lambda: PAGES["200,000 links"].encode(), NAMED),
    "a gzip bomb": (lambda: _bomb(1 << 30), NAMED),
    "a zip bomb": (_zip_bomb, NAMED),
    "a DOCX bomb": (_docx_bomb, NAMED),
    "zips in zips": (lambda: _nested_zips(12), NAMED),
    "a billion laughs in news XML": (LAUGHS.encode, READ),
    "an outer entity in news XML": (OUTSIDE.encode, READ),
    "NULs alone": (lambda: b"\x00" * 10_000_000, NAMED),
    "NULs inside": (lambda: PAGES["NULs"].encode(), READ),
    "a PDF called HTML": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 4000, NAMED),
    "a cut page": (lambda: PAGES["a cut page"].encode(), READ),
    "a cut gzip file": (lambda: gzip.compress(STORY.encode() * 50)[:-40], NAMED),
    "a cut zip archive": (lambda: _nested_zips(1)[:-40], NAMED),
    "2 MB of plain text": (lambda: (WORDS + "\n").encode() * 20_000, NAMED),
    "1 MB of plain lines": (lambda: "".join(f"{WORDS} {n}\nLatest news of {n}\n" for n in range(7_500)).encode(), READ),
}
"""What comes in -> how it is made, and whether it is read or named in the summary."""

LIMITED = """
import resource, sys
from ipgraph.clean import worker
from ipgraph.cli import _run
code = int(_run(["clean", *sys.argv[1:]]))
worker._worker.stop()
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(max(u.ru_maxrss for u in used), sum(u.ru_utime + u.ru_stime for u in used), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is counted in kilobytes on Linux alone")
@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_costs_little_and_is_read_or_named(name: str, tmp_path: Path) -> None:
    make, outcome = FILES[name]
    good, hostile = tmp_path / "a-good.txt", tmp_path / "b-hostile.html"
    good.write_text(f"{WORDS}\n\n{WORDS} Again.", encoding="utf-8")
    hostile.write_bytes(make())
    arguments = [sys.executable, "-c", LIMITED, "--format", "jsonl", tmp_path]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env=os.environ, timeout=120)
    assert "Traceback" not in done.stderr
    *talk, measured = done.stderr.splitlines()
    peak, spent = map(float, measured.split())
    assert peak < worker.MEMORY >> 10
    assert spent < SECONDS
    lines = [line for line in talk if "b-hostile.html" in line]
    if outcome == NAMED:
        assert done.returncode == 3
        assert len(lines) == 1
        assert len(done.stdout.splitlines()) == 1
    else:
        assert (done.returncode, lines) == (0, [])
        assert WORDS[:40] in done.stdout.splitlines()[1]
        assert "root:" not in done.stdout


def test_work_that_hangs_is_stopped_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "SECONDS", 0.01)
    monkeypatch.setattr(worker, "SIMPLE_SECONDS", 0.01)
    with pytest.raises(SourceError, match="stopped; "):
        page(f"<html><body>{STORY * 200}</body></html>")
    monkeypatch.undo()
    assert page(nested(3)).text


def test_the_worker_keeps_to_its_memory() -> None:
    page(nested(3))
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert used < worker.MEMORY // 1024


def test_entities_are_put_in_once_and_never_expanded() -> None:
    assert markup.tamed('<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>&a;&c;') == "b&c;"
