"""Inputs of every kind, told by their content, one record at a time; what cannot be read is named, not raised."""

from __future__ import annotations

import gzip
import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from ipgraph import sources
from ipgraph.errors import SourceError, UsageError
from ipgraph.model import Source
from ipgraph.sources import encoding, formats

TEXT = "The mayor opened the fair on Friday. More than 200 guests came to the old harbour."
HTML = f"<!DOCTYPE html><html><head><title>Fair</title></head><body><p>{TEXT}</p></body></html>"
RECORD = {"headline": "Fair opens", "content": TEXT, "published": "2021-05-12", "authors": ["Ann Lee", "Bo Ek"]}
FEED = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Port News</title>
<item><title>Fair opens</title><link>https://port.example/1</link><pubDate>Wed, 12 May 2021 09:00:00 GMT</pubDate>
<author>ann@port.example (Ann Lee)</author><description>{TEXT}</description></item>
<item><title>Only a link</title><link>https://port.example/2</link></item></channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Port News</title><entry><title>Fair opens</title>
<link href="https://port.example/1"/><published>2021-05-12T09:00:00Z</published><author><name>Ann Lee</name></author>
<content type="html">&lt;p&gt;{TEXT}&lt;/p&gt;</content></entry></feed>"""
MAIL = f"""From: Port News <desk@port.example>
To: readers@example.org
Subject: Fair opens
Date: Wed, 12 May 2021 09:00:00 +0000
Message-ID: <1@port.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{TEXT}
"""


def _read(path: Path | str, **options: object) -> list[Source | sources.Failure]:
    return list(sources.read([str(path)], **options))  # type: ignore[arg-type]


def _sources(path: Path | str, **options: object) -> list[Source]:
    found = _read(path, **options)
    assert all(isinstance(item, Source) for item in found), found
    return [item for item in found if isinstance(item, Source)]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (TEXT.encode(), "text"),
        (HTML.encode(), "html"),
        (b"<div><p>one</p><p>two</p></div>", "html"),
        (b"A line that says a < b and b > c, nothing more.", "text"),
        (FEED.encode(), "feed"),
        (ATOM.encode(), "feed"),
        (b"<?xml version='1.0'?><urlset><url><loc>https://a.example/</loc></url></urlset>", "sitemap"),
        (b"<nitf><body/></nitf>", "nitf"),
        (b'<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/"/>', "newsml"),
        (json.dumps(RECORD).encode(), "jsonl"),
        (json.dumps([RECORD]).encode(), "json"),
        (json.dumps(RECORD, indent=1).encode(), "json"),
        (b"title,text,date\nA,B,C\n", "csv"),
        (b"title;text\nA;B\n", "csv"),
        (MAIL.encode(), "eml"),
        (f"From desk Wed May 12 09:00:00 2021\n{MAIL}".encode(), "mbox"),
        (b"%PDF-1.7\n%\xe2\xe3", "pdf"),
        (b"WARC/1.0\r\n", "warc"),
        (gzip.compress(TEXT.encode()), "gzip"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        (b"\x00" * 1000, "binary"),
        (TEXT.encode("utf-16"), "text"),
        (TEXT.encode("utf-16-le"), "text"),
    ],
)
def test_formats_are_told_by_content(data: bytes, name: str) -> None:
    assert formats.sniff(data) == name


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("café".encode(), None, "café"),
        ("\ufeffcafé".encode(), None, "café"),
        ("café".encode("cp1252"), None, "café"),
        ("“café”".encode("cp1252"), "iso-8859-1", "“café”"),
        ("Café in Genf".encode("utf-16-be"), None, "Café in Genf"),
        (("知识产权局" * 20).encode("gb18030"), None, "知识产权局" * 20),
        (("知识产权" * 9).encode("gb18030"), "gb2312", "知识产权" * 9),
        ("naïve café ".encode() * 30 + b"\xe2\x80", "utf-8", "naïve café " * 30 + "\ufffd"),
        (b"", None, ""),
    ],
)
def test_bytes_become_text_in_any_encoding(data: bytes, declared: str | None, text: str) -> None:
    assert encoding.decode(data, declared) == text


def test_a_folder_is_read_sorted_with_its_own_spelling_and_no_hidden_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "sub/c.txt", ".hidden/d.txt", ".e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    assert [s.uri for s in _sources(f"{tmp_path}/")] == [f"{tmp_path}/{n}" for n in ("a.txt", "b.txt", "sub/c.txt")]
    assert [s.uri for s in _sources(tmp_path / "*.txt")] == [f"{tmp_path}/a.txt", f"{tmp_path}/b.txt"]


def test_what_is_missing_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_text(TEXT, encoding="utf-8")
    found = list(sources.read([str(tmp_path / "none.txt"), str(tmp_path / "*.pdf"), str(good)]))
    assert [type(f).__name__ for f in found] == ["Failure", "Failure", "Source"]
    for failure in found[:2]:
        assert isinstance(failure, sources.Failure)
        assert failure.reason.count("; ") == 2


def test_standard_input_is_a_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert [(s.uri, s.data) for s in _sources("-")] == [("-", TEXT.encode())]


def test_json_lines_carry_fields_under_many_names_and_bad_lines_are_named(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    rows = [json.dumps(RECORD), "{broken", "[1]", "", json.dumps({"headline": "no text"}), json.dumps({"text": HTML})]
    path.write_text("\n".join(rows), encoding="utf-8")
    found = _read(path)
    assert [f.uri for f in found] == [f"{path}#{n}" for n in (1, 2, 3, 4, 5)]
    assert [type(f).__name__ for f in found] == ["Source", "Failure", "Failure", "Failure", "Source"]
    first, last = found[0], found[-1]
    assert isinstance(first, Source)
    assert isinstance(last, Source)
    assert first.fields["title"] == "Fair opens"
    assert first.fields["date"] == "2021-05-12"
    assert first.fields["author"] == "Ann Lee; Bo Ek"
    assert last.media_type == "text/html"


def test_field_names_are_options(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(json.dumps({"story": TEXT, "text": "teaser"}), encoding="utf-8")
    assert _sources(path, fields=sources.named(["text=story"]))[0].data.decode() == TEXT
    with pytest.raises(UsageError, match="OURS=THEIRS"):
        sources.named(["story"])


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_rows_of_a_table(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "news.csv"
    path.write_text(f'title{mark}text{mark}date\n"Fair{mark} opens"{mark}"{TEXT}"{mark}2021-05-12\n', encoding="utf-8")
    (row,) = _sources(path)
    assert row.uri == f"{path}#1"
    assert row.fields["title"] == f"Fair{mark} opens"


def test_feeds_give_their_entries(tmp_path: Path) -> None:
    rss, atom = tmp_path / "rss", tmp_path / "atom"
    rss.write_text(FEED, encoding="utf-8")
    atom.write_text(ATOM, encoding="utf-8")
    entry, linked = _read(rss)
    assert isinstance(entry, Source)
    wanted = {"title": "Fair opens", "date": "12 May 2021", "url": "https://port.example/1"}
    assert wanted.items() <= dict(entry.fields).items()
    assert (entry.fields["author"], entry.fields["publisher"]) == ("Ann Lee", "Port News")
    assert isinstance(linked, sources.Failure)
    (entry,) = _sources(atom)
    assert entry.media_type == "text/html"
    assert entry.fields["date"] == "2021-05-12"


def test_mails_and_mailboxes(tmp_path: Path) -> None:
    mail, box = tmp_path / "mail", tmp_path / "box"
    mail.write_text(MAIL, encoding="utf-8")
    box.write_text(f"From a Wed May 12 09:00:00 2021\n{MAIL}\n" * 2, encoding="utf-8")
    (one,) = _sources(mail)
    assert one.data.decode().strip() == TEXT
    assert (one.fields["title"], one.fields["date"], one.fields["publisher"]) == (
        "Fair opens",
        "2021-05-12",
        "Port News",
    )
    assert [s.uri for s in _sources(box)] == [f"{box}#1", f"{box}#2"]


def test_archives_are_streamed_member_by_member(tmp_path: Path) -> None:
    packed, tape, inner = tmp_path / "a.zip", tmp_path / "a.tar.gz", json.dumps(RECORD).encode() + b"\n"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("b.jsonl", inner * 2)
        archive.writestr("a.txt", TEXT)
    with tarfile.open(tape, "w:gz") as archive_:
        info = tarfile.TarInfo("../../escape.txt")
        info.size = len(TEXT)
        archive_.addfile(info, io.BytesIO(TEXT.encode()))
    assert [s.uri for s in _sources(packed)] == [f"{packed}#1", f"{packed}#2#1", f"{packed}#2#2"]
    assert [s.data.decode() for s in _sources(tape)] == [TEXT]


def test_warc_responses(tmp_path: Path) -> None:
    pytest.importorskip("warcio")
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    path = tmp_path / "news.warc.gz"
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for status, kind in (
            ("200 OK", "text/html; charset=utf-8"),
            ("404 Not Found", "text/html"),
            ("200 OK", "image/png"),
        ):
            head = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.0")
            record = writer.create_warc_record(
                "https://port.example/1", "response", payload=io.BytesIO(HTML.encode()), http_headers=head
            )
            writer.write_record(record)
    (page,) = _sources(path)
    assert page.uri == f"{path}#1"
    assert page.fields["url"] == "https://port.example/1"


def test_an_extra_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "warcio", None)
    monkeypatch.setitem(sys.modules, "warcio.archiveiterator", None)
    path = tmp_path / "news.warc"
    path.write_bytes(b"WARC/1.0\r\n\r\n")
    (failure,) = _read(path)
    assert isinstance(failure, sources.Failure)
    assert "ipgraph[warc]" in failure.reason


@pytest.mark.parametrize("size", [1 << 30])
def test_bombs_are_refused(tmp_path: Path, size: int) -> None:
    bomb, packed = tmp_path / "bomb.gz", tmp_path / "bomb.zip"
    with gzip.open(bomb, "wb", 9) as out:
        for _ in range(size >> 24):
            out.write(b"a" * (1 << 24))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b"a" * (100 << 20))
    for path in (bomb, packed):
        (failure,) = _read(path)
        assert isinstance(failure, sources.Failure)
        assert "bomb" in failure.reason


def test_a_cut_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(TEXT.encode() * 100)[:-20])
    (failure,) = _read(path)
    assert isinstance(failure, sources.Failure)
    assert failure.reason.startswith("gzip file cannot be read; ")


def test_a_format_can_be_forced_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(HTML, encoding="utf-8")
    assert _sources(path, input_format="text")[0].media_type == "text/plain"
    (failure,) = _read(path, input_format="odt")
    assert isinstance(failure, sources.Failure)
    assert "no such input format" in failure.reason


def test_errors_are_source_errors() -> None:
    from ipgraph.sources import records

    with pytest.raises(SourceError):
        list(records.split(io.BytesIO(b"[1"), "x", "json", sources.DEFAULT_FIELDS, {}))
