"""A good file of every kind comes in by its content alone, and its article is whole; the files are made here."""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from ipgraph import clean, sources
from ipgraph.clean import documents
from ipgraph.errors import SourceError
from ipgraph.model import Article, Source
from ipgraph.sources import web
from ipgraph.sources.formats import MEDIA_TYPES
from tests.conftest import Run

TITLE = "Old Mill of Vale Reopens"
PARAGRAPHS = (
    "The old mill of Vale reopened on Thursday after two years of repairs, and Mayor Ida Roth cut the ribbon.",
    "Visitors will be able to watch the millers at work from April, and the museum plans a festival for the summer.",
    "The repairs cost two million and were paid by the county, the heritage fund and the friends of the mill.",
)
PAGE = (
    f"<!DOCTYPE html><html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1>"
    + "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    + "</body></html>"
)
PLAIN = "\n\n".join((TITLE, "By Ann Lee, Vale Gazette", *PARAGRAPHS))


def pdf() -> bytes:
    """One page in Helvetica, its text broken over lines as type setting breaks it."""
    rows = [TITLE, "", "By Ann Lee, Vale Gazette", ""]
    for p in PARAGRAPHS:
        words = p.split()
        rows += [" ".join(words[:9]), " ".join(words[9:]), ""]
    shown = "".join(f"({row}) Tj T* " for row in rows)
    content = f"BT /F1 12 Tf 14 TL 72 720 Td {shown}ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Author (Ann Lee) >>",
    ]
    out, places = io.BytesIO(b"%PDF-1.4\n"), []
    out.seek(0, io.SEEK_END)
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    out.write(b"xref\n0 7\n0000000000 65535 f \n" + table)
    out.write(b"trailer\n<< /Size 7 /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def docx() -> bytes:
    """A Word document with runs inside its paragraphs."""
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    rows = [TITLE, "By Ann Lee, Vale Gazette", *PARAGRAPHS]
    halves = [(row[:7], row[7:]) for row in rows]
    body = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{a}</w:t></w:r><w:r><w:t xml:space="preserve">{b}</w:t></w:r></w:p>'
        for a, b in halves
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{name}"><w:body>{body}</w:body></w:document>')
    return out.getvalue()


def mail() -> bytes:
    """A message with a plain and an HTML part and a picture."""
    message = EmailMessage()
    message["From"] = "Vale Gazette <desk@vale.example>"
    message["To"] = "readers@example.org"
    message["Subject"] = TITLE
    message["Date"] = "Thu, 04 Mar 2021 09:00:00 +0000"
    message["Message-ID"] = "<1@vale.example>"
    message.set_content("\n\n".join(PARAGRAPHS))
    message.add_alternative(PAGE, subtype="html")
    message.add_attachment(b"\x89PNG\r\n", maintype="image", subtype="png", filename="mill.png")
    return message.as_bytes()


def mbox() -> bytes:
    """Two messages in one file, the second in HTML alone."""
    second = EmailMessage()
    second["From"] = "desk@vale.example"
    second["Subject"] = TITLE
    second["Date"] = "Thu, 04 Mar 2021 09:00:00 +0000"
    second["Message-ID"] = "<2@vale.example>"
    second.set_content(PAGE, subtype="html")
    mark = b"From desk@vale.example Thu Mar  4 09:00:00 2021\n"
    return b"\n".join(mark + message for message in (mail(), second.as_bytes()))


def nitf() -> bytes:
    """NITF 3.x as agencies send it."""
    body = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nitf SYSTEM "nitf-3-2.dtd">
<nitf><head><title>mill-vale</title><docdata><date.issue norm="20210304T090000Z"/></docdata></head>
<body><body.head><hedline><hl1>{TITLE}</hl1></hedline><byline>By <person>Ann Lee</person></byline>
<distributor>Vale Gazette</distributor></body.head>
<body.content><media media-type="image"><media-caption>Ida Roth at the mill.</media-caption></media>
<block>{body}<hl2>What comes next</hl2><p>More mills will follow.</p></block></body.content></body></nitf>""".encode()


def newsml() -> bytes:
    """NewsML-G2 with its text as XHTML inside."""
    body = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="tag:vale.example,2021:1" standard="NewsML-G2">
<itemMeta><provider><name>Vale Gazette</name></provider><versionCreated>2021-03-05T09:00:00Z</versionCreated></itemMeta>
<contentMeta><contentCreated>2021-03-04T09:00:00Z</contentCreated><by>Ann Lee</by><headline>{TITLE}</headline>
</contentMeta><contentSet><inlineXML contenttype="application/xhtml+xml">
<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html></inlineXML></contentSet></newsItem>""".encode()


def warc() -> bytes:
    """A page as a crawler keeps it, packed."""
    pytest.importorskip("warcio")
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "a test"}))
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.0")
    writer.write_record(
        writer.create_warc_record(
            "https://vale.example/mill", "response", payload=io.BytesIO(PAGE.encode()), http_headers=head
        )
    )
    return out.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "text": PLAIN.encode,
    "html": PAGE.encode,
    "pdf": pdf,
    "docx": docx,
    "eml": mail,
    "nitf": nitf,
    "newsml": newsml,
    "warc": warc,
}
"""Format -> a file that holds the one article."""


def articles(path: Path, **options: str) -> list[Article]:
    """The articles of a file; nothing may fail."""
    found = list(sources.read([str(path)], input_format=options.get("input_format")))
    assert all(isinstance(item, Source) for item in found), found
    return [clean.article(item) for item in found if isinstance(item, Source)]


def whole(article: Article) -> None:
    """Nothing of the article is missing and nothing else is in it."""
    assert article.title == TITLE
    lines = [line for line in article.text.split("\n") if line not in ("What comes next", "More mills will follow.")]
    assert lines == list(PARAGRAPHS)


def extra(name: str) -> None:
    """Skip where the extra that a format needs is not installed."""
    if name == "pdf":
        pytest.importorskip("pypdf")


@pytest.mark.parametrize(
    ("rows", "paragraphs"),
    [
        (["The fair opened in the old har-", "bour of Lindau."], ["The fair opened in the old harbour of Lindau."]),
        (["Growers from Beijing-", "Tianjin met."], ["Growers from Beijing- Tianjin met."]),
        (["The fair opened.", "Guests came."], ["The fair opened.", "Guests came."]),
        (
            ["Fair Opens", "The fair opened in the old", "harbour."],
            ["Fair Opens", "The fair opened in the old harbour."],
        ),
        (
            ["Fair of Names Opens in Lindau", "The fair opened in the old", "harbour."],
            ["Fair of Names Opens in Lindau", "The fair opened in the old harbour."],
        ),
        (["", " ", ""], []),
    ],
)
def test_lines_of_type_setting_become_paragraphs(rows: list[str], paragraphs: list[str]) -> None:
    assert documents.flowing(rows) == paragraphs


@pytest.mark.parametrize("name", FILES)
def test_a_good_file_is_known_by_its_content_and_read_whole(name: str, tmp_path: Path) -> None:
    extra(name)
    path = tmp_path / "a.dat"
    path.write_bytes(FILES[name]())
    (found,) = articles(path)
    whole(found)


@pytest.mark.parametrize(
    ("name", "author", "publisher", "date", "source"),
    [
        ("pdf", "Ann Lee", "Vale Gazette", None, None),
        ("docx", "Ann Lee", "Vale Gazette", None, None),
        ("eml", None, "Vale Gazette", "2021-03-04", "field"),
        ("nitf", "Ann Lee", "Vale Gazette", "2021-03-04", "nitf"),
        ("newsml", "Ann Lee", "Vale Gazette", "2021-03-04", "newsml"),
    ],
)
def test_what_a_format_says_of_its_article(
    name: str, author: str | None, publisher: str, date: str | None, source: str | None, tmp_path: Path
) -> None:
    extra(name)
    path = tmp_path / "a.dat"
    path.write_bytes(FILES[name]())
    (found,) = articles(path)
    assert (found.author, found.publisher, found.date, found.date_source) == (author, publisher, date, source)


def test_headings_and_captions_that_the_format_marks_are_kept_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(nitf())
    (found,) = articles(path)
    assert found.captions == ("Ida Roth at the mill.",)
    assert [found.text[x.start : x.end] for x in found.lines if x.kind == "heading"] == ["What comes next"]


def test_each_message_of_a_mailbox_is_an_article(tmp_path: Path) -> None:
    path = tmp_path / "box"
    path.write_bytes(mbox())
    found = articles(path)
    assert [a.source for a in found] == [f"{path}#1", f"{path}#2"]
    for article in found:
        whole(article)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> None:
    """A web of one page; every other address is forbidden."""

    def fetch(url: str) -> web.Page:
        if not url.endswith("/mill"):
            raise SourceError(f"{url} is not fetched; the host's robots.txt forbids it; ask the publisher, or save it")
        return web.Page(PAGE.encode(), {"url": url})

    monkeypatch.setattr(web, "fetch", fetch)


@pytest.mark.usefixtures("site")
def test_the_pages_of_a_sitemap_are_fetched_and_what_may_not_be_is_named(tmp_path: Path) -> None:
    path = tmp_path / "map"
    places = "".join(f"<url><loc>https://vale.example/{n}</loc></url>" for n in ("mill", "closed"))
    path.write_text(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>', encoding="utf-8")
    page, closed = sources.read([str(path)])
    assert isinstance(page, Source)
    whole(clean.article(page))
    assert clean.article(page).url == "https://vale.example/mill"
    assert isinstance(closed, sources.Failure)
    assert "robots.txt" in closed.reason


def zipped(files: dict[str, bytes]) -> bytes:
    """The files in a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def taped(files: dict[str, bytes]) -> bytes:
    """The files in a packed tar archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize("pack", [zipped, taped])
def test_archives_hold_files_of_any_kind(pack: Callable[[dict[str, bytes]], bytes], tmp_path: Path) -> None:
    extra("pdf")
    path = tmp_path / "a.dat"
    path.write_bytes(pack({f"{n}/{name}": make() for n, (name, make) in enumerate(FILES.items())}))
    found = articles(path)
    assert len(found) == len(FILES)
    for article in found:
        assert article.source.startswith(f"{path}#")
        whole(article)


FORCED = [
    ("pdf", b"\n\n" + b"%PDF"),
    ("html", b"Plain words that look like no markup at all, and are long enough to be read as an article of news."),
    ("text", PAGE.encode()),
    ("jsonl", b'["a"]\n'),
]


@pytest.mark.parametrize(("name", "data"), FORCED)
def test_the_format_that_is_named_goes_before_the_content(name: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    (item,) = sources.read([str(path)], input_format=name)
    if name == "jsonl":
        assert isinstance(item, sources.Failure)
        assert "no JSON object" in item.reason
    else:
        assert isinstance(item, Source)
        assert item.media_type == MEDIA_TYPES[name]


@pytest.mark.parametrize("name", sorted(set(FILES) - {"text", "warc"}))
def test_every_format_can_be_named(name: str, tmp_path: Path) -> None:
    extra(name)
    path = tmp_path / "a.dat"
    path.write_bytes(FILES[name]())
    (found,) = articles(path, input_format=name)
    whole(found)


def test_the_command_line_takes_the_format(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("<p>" + "\n\n".join(PARAGRAPHS), encoding="utf-8")
    assert "<p>" not in run("clean", path)[1]
    assert "<p>" in run("clean", "--input-format", "text", path)[1]
    code, _, err = run("clean", "--input-format", "odt", path)
    assert code == 1
    assert "no such input format" in err


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without extras; documents are read in this process."""
    for name in ("pypdf", "pypdf.errors", "warcio", "warcio.archiveiterator", "warcio.exceptions"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("bare")
def test_a_missing_extra_is_named_with_the_command_that_adds_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"pip install 'ipgraph\[pdf\]'"):
        documents.cleaned(pdf(), MEDIA_TYPES["pdf"], {}, simple=False)
    path = tmp_path / "a.warc"
    path.write_bytes(b"WARC/1.0\r\n\r\n")
    (failure,) = sources.read([str(path)])
    assert isinstance(failure, sources.Failure)
    assert "pip install 'ipgraph[warc]'" in failure.reason
