"""Archives as streams of their members: zip, tar, gzip, WARC, mailboxes. Bombs are refused, names are not trusted."""

from __future__ import annotations

import email
import gzip
import io
import mailbox
import re
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from typing import IO

from ipgraph.errors import SourceError
from ipgraph.sources import formats
from ipgraph.sources.records import LARGEST, Bad, Context, Item, Reader, dispatch

DEEPEST = 4
"""Containers inside containers that are opened."""

RATIO = 200
"""Times that something may grow on unpacking; text reaches 10, a bomb 1,000."""

SPOOL = 16 << 20


def _inner(data: bytes, at: Context) -> Iterator[Item]:
    """The records of a member; one that cannot be read is named and the rest goes on."""
    if at.depth > DEEPEST:
        yield Bad(at.uri, f"not opened; containers are nested more than {DEEPEST} deep; unpack them first")
        return
    try:
        yield from dispatch(io.BytesIO(data), at)
    except SourceError as e:
        yield Bad(at.uri, str(e))


def _bomb(packed: int, size: int) -> bool:
    return size > LARGEST or (size > 1 << 20 and size > RATIO * max(packed, 1))


def zipped(stream: IO[bytes], context: Context) -> Iterator[Item]:
    """The files of a zip archive in order of name; a DOCX is one article."""
    try:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
            if "word/document.xml" in names:
                stream.seek(0)
                yield from dispatch(stream, context, "docx")
                return
            members = sorted((i for i in archive.infolist() if not i.is_dir()), key=lambda i: i.filename)
            for number, member in enumerate(members, 1):
                at = context.record(number)
                if member.flag_bits & 1:
                    yield Bad(at.uri, f"{member.filename}: encrypted; no password is known; unpack it first")
                elif _bomb(member.compress_size, member.file_size):
                    yield Bad(at.uri, f"{member.filename}: too large; it looks like a zip bomb; unpack it yourself")
                else:
                    with archive.open(member) as file:
                        # The header may lie about the size.
                        yield from _inner(file.read(LARGEST), at)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as e:
        raise SourceError(f"zip archive cannot be read; {e}; pack it again") from e


def tarred(stream: IO[bytes], context: Context) -> Iterator[Item]:
    """The files of a tar archive in its own order; links and devices are passed over."""
    number = 0
    try:
        with tarfile.open(fileobj=stream, mode="r|*") as archive:
            for member in archive:
                if not member.isfile():
                    continue
                number += 1
                at = context.record(number)
                file = archive.extractfile(member)
                if member.size > LARGEST or file is None:
                    yield Bad(at.uri, f"{member.name}: too large; no article is; unpack it yourself")
                else:
                    yield from _inner(file.read(), at)
    except (tarfile.TarError, zlib.error, EOFError) as e:
        raise SourceError(f"tar archive cannot be read; {e}; pack it again") from e


def gzipped(stream: IO[bytes], context: Context) -> Iterator[Item]:
    """What a gzip file holds, spooled to disk where it is large; a growth beyond `RATIO` is taken for a bomb."""
    packed = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if context.depth > DEEPEST:
        raise SourceError(f"not opened; containers are nested more than {DEEPEST} deep; unpack them first")
    with tempfile.SpooledTemporaryFile(SPOOL) as spool:
        size = 0
        try:
            with gzip.GzipFile(fileobj=stream) as unpacked:
                while block := unpacked.read(1 << 20):
                    size += len(block)
                    if size > 8 << 20 and size > RATIO * packed:
                        raise SourceError("not unpacked; it grows like a gzip bomb; unpack it yourself")
                    spool.write(block)
        except (OSError, EOFError, zlib.error) as e:
            raise SourceError(f"gzip file cannot be read; {e}; it may be cut off, fetch it again") from e
        spool.seek(0)
        inner = Context(context.uri, context.names, context.fields, context.depth + 1)
        yield from dispatch(spool, inner)


_READABLE = re.compile(r"text/(?:html|plain)|application/xhtml")


def warc(stream: IO[bytes], context: Context) -> Iterator[Item]:
    """The successful HTML and text responses of a WARC file such as CC-NEWS."""
    try:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed
    except ImportError as e:
        raise SourceError("WARC is not read; warcio is not installed; pip install 'ipgraph[warc]'") from e
    number = 0
    try:
        for record in ArchiveIterator(stream):
            if record.rec_type != "response" or record.http_headers is None:
                continue
            kind = record.http_headers.get_header("Content-Type") or ""
            if record.http_headers.get_statuscode() != "200" or not re.match(
                r"text/(?:html|plain)|application/xhtml", kind
            ):
                continue
            number += 1
            at = context.record(number)
            charset = re.search(r"charset=[\"']?([\w.:-]+)", kind, re.I)
            fields = {"url": record.rec_headers.get_header("WARC-Target-URI") or ""}
            if charset:
                fields["charset"] = charset.group(1)
            data = record.content_stream().read(LARGEST)
            yield from _inner(data, Context(at.uri, at.names, fields, at.depth))
    except (ArchiveLoadFailed, zlib.error, EOFError) as e:
        raise SourceError(f"WARC file cannot be read; {e}; fetch it again") from e


def message(stream: IO[bytes], context: Context) -> Iterator[Item]:
    """A mail as an article: the text part if there is one, else the HTML part."""
    yield from _mail(stream.read(LARGEST), context)


def _mail(data: bytes, context: Context) -> Iterator[Item]:
    parsed = email.message_from_bytes(data, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    try:
        body = parsed.get_body(("plain", "html"))
        raw = body.get_payload(decode=True) if body is not None else None
        charset = body.get_content_charset() if body is not None else None
    except (LookupError, ValueError, AttributeError, TypeError):
        body, raw, charset = None, None, None
    if body is None or not isinstance(raw, bytes) or not raw.strip():
        yield Bad(context.uri, "a mail without text; it holds no text or HTML part; save its attachment")
        return
    kind = "html" if body.get_content_subtype() == "html" else "text"
    sender = re.sub(r"\s*<[^>]*>|\"", "", str(parsed.get("from") or "")).strip()
    fields = {
        "title": str(parsed.get("subject") or "").strip(),
        "date": _day(parsed),
        "publisher": "" if "@" in sender else sender,
        "charset": charset or "",
    }
    yield from dispatch(
        io.BytesIO(raw),
        Context(context.uri, context.names, {k: v for k, v in fields.items() if v}, context.depth),
        kind,
    )


def _day(parsed: EmailMessage) -> str:
    try:
        moment = parsed["date"].datetime if parsed["date"] is not None else None
    except (ValueError, TypeError, AttributeError):
        return ""
    return moment.date().isoformat() if moment is not None else ""


def mails(stream: IO[bytes], context: Context) -> Iterator[Item]:
    """The messages of an mbox file."""
    with tempfile.NamedTemporaryFile() as copy:
        while block := stream.read(1 << 20):
            copy.write(block)
        copy.flush()
        box = mailbox.mbox(copy.name, create=False)
        for number, key in enumerate(sorted(box.keys()), 1):
            at = context.record(number)
            try:
                yield from _mail(box.get_bytes(key), at)
            except (SourceError, ValueError) as e:
                yield Bad(at.uri, str(e))


READERS: dict[str, Reader] = {
    "zip": zipped,
    "tar": tarred,
    "gzip": gzipped,
    "warc": warc,
    "eml": message,
    "mbox": mails,
}
assert set(READERS) <= set(formats.CONTAINERS)
