# ruff: noqa: E501  (a paragraph is one line)
"""Each check of annotated articles: what it reports and what it lets pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ipgraph.corpus.__main__ import main
from ipgraph.corpus.validate import CHECKS, is_date, validate

GOOD = """kind: conference
region: africa
register: agency
tags: passive, titled-list
date: 2021-04-09
publisher: Harbour Evening News
author: Edith Malone
===
# [Guild|o1] Opens [Mark Week|e1] in [Lagos|l1]
@ By Edith Malone, Harbour Evening News, April 9, 2021

[Mark Week|e1] was opened in [Lagos|l1] on [April 8|D:2021-04-08] by the [Guild of Traders|o1] ([Guild|o1]). Mr. [Kofi Mensah|p1], [Deputy Registrar|T:p1] of the [Marks Office|o2], gave the opening speech at [the conference|e1~], and [he|p1^] thanked the [Guild|o1]. The visit of the Kenyan guests was put off until the rains of the late spring were over, as several of the roads into the hills above the town could not be used.

The [Lagos|l1]-based [Guild of Traders|o1] won the [Golden Seal|a1] for its work with small shops. [The guild|o1~] sells [Sunleaf|b1] tea and works with the [Marks Office|o2] under an agreement signed last year.

^ [Mensah|p1] at the door.
===
p1 Person | Kofi Mensah
o1 Organization | Guild of Traders
o2 Organization | Marks Office
e1 Event | Mark Week | date=2021-04-08
l1 Place | Lagos
a1 Award | Golden Seal
b1 Brand | Sunleaf
===
ATTENDED p1 e1 role=speaker | gave the opening speech
ORGANIZED o1 e1 role=host | opened in Lagos on April 8 by the Guild of Traders
HOLDS_POSITION p1 o2 title=Deputy Registrar | Deputy Registrar of the Marks Office
HELD_IN e1 l1 | Mark Week was opened in Lagos
LOCATED_IN o1 l1 | The Lagos-based Guild of Traders
OWNS_BRAND o1 b1 | The guild sells Sunleaf
RECEIVED o1 a1 status=won | won the Golden Seal
COOPERATES_WITH o1 o2 | works with the Marks Office
!RECEIVED p1 a1 | the guild won it
"""

ERRORS = [
    ("kind: conference\n", "", "no 'kind'"),
    ("region: africa", "region: atlantis", "region 'atlantis' is none of"),
    ("register: agency", "register: loud", "register 'loud' is none of"),
    ("passive, titled-list", "passive, singing", "unknown tag 'singing'"),
    ("passive, titled-list", "passive, passive", "a tag stands twice"),
    ("date: 2021-04-09", "date: 2021-04-31", "is no ISO day"),
    ("date: 2021-04-09", "date: 2021-04", "is no ISO day"),
    ("publisher: Harbour", "publisher: Hill", "does not stand in the text"),
    ("author: Edith Malone", "author: Edith Malone; Jo Park", "author 'Jo Park' does not stand"),
    ("^ [Mensah|p1] at the door.", "# Again", "a second title line"),
    ("Kenyan guests", "Kenyan\tguests", "a tab"),
    ("Kenyan guests", "Kenyan guests " + "and more " * 150, "words outside"),
    ("l1 Place | Lagos\n", "l1 Place | Lagos\nl1 Place | Lagos\n", "l1 is declared 2 times"),
    ("l1 Place | Lagos\n", "l1 Place | Lagos\nl2 Place | Accra\n", "l2 (Accra) is never mentioned"),
    ("l1 Place | Lagos\n", "", "l1 is not declared"),
    ("[he|p1^]", "[they|p1+p1^]", "has an id twice"),
    ("HELD_IN e1 l1", "HELD_IN e1 l7", "HELD_IN: l7 is not declared"),
    ("l1 Place", "l1 City", "types City; legal"),
    ("l1 Place", "l1 Event", "does not go with Event"),
    ("p1 Person | Kofi Mensah", "p1 Person | Kofi J. Mensah", "is none of its name mentions ('Kofi Mensah', 'Mensah')"),
    ("l1 Place | Lagos", "l1 Place | Lagos | date=2021", "property 'date'"),
    ("| date=2021-04-08", "| date=8 April", "date=8 April is no ISO date"),
    ("HELD_IN e1", "HAPPENED_IN e1", "HAPPENED_IN is no relation"),
    ("HELD_IN e1 l1", "HELD_IN o1 l1", "Organization -> Place; wanted Event -> Place"),
    ("COOPERATES_WITH o1 o2", "COOPERATES_WITH o1 o1", "both ends are one entity"),
    ("OWNS_BRAND o1 b1", "OWNS_BRAND o1 b1 role=host", "has no property 'role'"),
    ("role=speaker", "role=host", "role=host; legal: attendee, speaker"),
    ("title=Deputy Registrar", "title=Deputy Registrar; former=yes", "former=yes"),
    ("title=Deputy Registrar", "title=Deputy Registrar; since=then", "since=then is no ISO date"),
    ("status=won", "status=lost", "status=lost; legal"),
    ("RECEIVED o1 a1 status=won", "RECEIVED o1 a1", "has no status="),
    ("role=speaker", "mode=online", "has no role="),
    ("title=Deputy Registrar", "title=Registrar General", "does not stand in the text"),
    ("Registrar|T:p1", "Registrar|T:p9", "p9 is not declared"),
    ("Mr. [Kofi", "[Mr.|T:p1] [Kofi", "is an honorific"),
    (" | gave the opening speech\n", "\n", "has no evidence"),
    (" | the guild won it\n", "\n", "has no reason"),
    ("| gave the opening speech", "| gave the", "fewer than three words"),
    ("| gave the opening speech", "| gave a long speech", "stands in no paragraph"),
    ("| gave the opening speech", "| gave  the opening speech", "quotation marks, hyphens or spaces differ"),
    ("| gave the opening speech", "| By Edith Malone", "counts as unread"),
    ("| gave the opening speech", "| over, as several of the roads into the hills above the town could not be used. The", "no paragraph"),
    ("HELD_IN e1 l1 |", "COOPERATES_WITH o2 o1 |", "stands twice"),
    ("!RECEIVED p1 a1", "!COOPERATES_WITH o2 o1", "contradicts line"),
    ("in [Lagos|l1] on", "in [Lagos |l1]on", "stay outside a mention"),
    ("[he|p1^]", "[he|p1]", "a pronoun is marked '^'"),
    ("[he|p1^]", "[he|p1~]", "a pronoun is marked '^'"),
    ("[he|p1^]", "[who|p1^]", "only third-person pronouns"),
    ("by the [Guild of Traders|o1]", "by [the Guild of Traders|o1]", "leading article stays outside"),
    ("[the conference|e1~]", "the [conference|e1~]", "leading article stands inside a nominal"),
    ("[the conference|e1~]", "[the conference's|e1~]", "the possessive stays outside"),
    ("^ [Mensah|p1]", "^ [Mensah's|p1]", "the possessive stays outside"),
    ("won the [Golden Seal|a1]", 'won the ["Golden Seal"|a1]', "quotation marks around a name"),
    ("Mr. [Kofi Mensah|p1]", "[Mr. Kofi Mensah|p1]", "the honorific stays outside"),
    ("|D:2021-04-08]", "|D:2021-13-08]", "no ISO date"),
    ("|D:2021-04-08]", "|D:2021/2022/2023]", "no ISO date"),
    ("on [April 8|D", "[on April 8|D", "the preposition stays outside"),
    ("^ [Mensah|p1]", "^ Kofi Mensah", "'Kofi Mensah' is marked p1 in line 12 and unmarked here"),
    ("the [Marks Office|o2] under", "the Marks Office under", "'Marks Office' is marked o2"),
    ("Week|e1] in [Lagos|l1]\n", "Week|e1] in Lagos\n", "'Lagos' is marked l1"),
]  # fmt: skip

WARNINGS = [
    ("kind: conference", "kind: regatta", "not in README's list"),
    ("# [Guild|o1] Opens", "## [Guild|o1] Opens", "no title line"),
    ("The visit", "\n#hills The visit", "without a space"),
    ("p1 Person | Kofi Mensah", "p1 Person | Mensah", "looks fuller than"),
    ("p1 Person | Kofi Mensah", "p1 Person | Kofi Mensah\np2 Person | Kofi Mensah", "one entity or two"),
    ("date=2021-04-08\n", "date=2021-04-08; end=2021-04-09\n", "a range has start and end only"),
    ("date=2021-04-08\n", "attendance=fifty\n", "does not stand in the text word for word"),
    ("title=Deputy Registrar", "title=Registrar", "is no TITLE mention of p1"),
    ("| gave the opening speech", "| the Guild of Traders", None),
    ("RECEIVED o1 a1 status=won | won the Golden Seal", "RECEIVED o1 a1 status=won | Guild of Traders", "stands 2 times"),
    ("[he|p1^]", "he", "the pronoun 'he' is not marked"),
    ("[he|p1^]", "[both|p1^]", "no personal pronoun"),
    ("[the conference|e1~], and", "[the conference|e1~], and [minister|p1]", "a name without a capital"),
    ("the Kenyan guests", "the [President Mensah|p1]", "the position is a TITLE of its own"),
    ("the Kenyan guests", "the Lagos Treaty guests", "part of another name"),
    ("the Kenyan guests", "the Anti-Lagos guests", "part of another name"),
    ("[Golden Seal|a1]", "[Golden Seal of Lagos|a1]", "inside [Golden Seal of Lagos]"),
]  # fmt: skip


def check(tmp_path: Path, source: str, name: str = "conf-1.txt") -> list[str]:
    path = tmp_path / name
    path.write_text(source, encoding="utf-8")
    return [str(p).removeprefix(f"{path}:") for p in validate(path)]


def test_a_good_article_has_no_problems(tmp_path: Path) -> None:
    assert check(tmp_path, GOOD) == []


@pytest.mark.parametrize(("old", "new", "message"), ERRORS)
def test_errors(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    problems = check(tmp_path, GOOD.replace(old, new, 1))
    assert any(message in p and "warning" not in p for p in problems), problems


@pytest.mark.parametrize(("old", "new", "message"), WARNINGS)
def test_warnings(tmp_path: Path, old: str, new: str, message: str | None) -> None:
    assert old in GOOD
    problems = check(tmp_path, GOOD.replace(old, new, 1))
    assert message is None or any(message in p and "warning: " in p for p in problems), problems


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("the Kenyan guests", "the Lagosian guests"),
        ("the Kenyan guests", "[Lagos Chamber of Commerce|o1] guests"),
        ("at the door.", "in [The Hague|l1]."),
        ("at the door.", "in [[China|l1] Office|o2]."),
        ("sells [Sunleaf|b1]", "sells [Sunleaf|b1], [Lay's|b1]"),
        ("role=speaker |", "role=speaker; mode=onsite |"),
        ("ATTENDED p1 e1 role=speaker", "ATTENDED p1 e1 role=honoree | gave the opening speech\nATTENDED p1 e1 role=speaker"),
        ("|D:2021-04-08]", "|D:04-08/04-09]"),
        ("@ By Edith Malone,", "@ By Edith Malone, Lagos | Guild,"),
    ],
)  # fmt: skip
def test_no_false_alarm(tmp_path: Path, old: str, new: str) -> None:
    assert old in GOOD
    problems = check(tmp_path, GOOD.replace(old, new, 1))
    assert [p for p in problems if "warning" not in p] == []


@pytest.mark.parametrize("name", ["Conf-1.txt", "conf 1.txt", "conf--1.txt", "conf-1.md"])
def test_file_names(tmp_path: Path, name: str) -> None:
    assert any("file name" in p for p in check(tmp_path, GOOD, name))


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"kind: caf\xe9")
    assert "not UTF-8" in str(validate(path)[0])


@pytest.mark.parametrize(
    ("value", "good"),
    [("2021-04-08", True), ("2021-04", True), ("2021", True), ("04-08", True), ("02-29", True), ("2021-02-29", False),
     ("2021-00", False), ("21-04-08", False), ("April", False), ("0000-01-01", False)],
)  # fmt: skip
def test_is_date(value: str, good: bool) -> None:
    assert is_date(value) is good


def test_validate_command(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(GOOD, encoding="utf-8")
    runner = CliRunner()
    fine = runner.invoke(main, ["validate", str(tmp_path)])
    assert (fine.exit_code, fine.stdout) == (0, "")
    (tmp_path / "bad.txt").write_text(GOOD.replace("[he|p1^]", "he").replace("africa", "x"), encoding="utf-8")
    bad = runner.invoke(main, ["validate", str(tmp_path)])
    assert bad.exit_code == 1
    assert bad.stdout.startswith(f"{tmp_path}/bad.txt:2: region 'x'")
    assert "warning: the pronoun" in bad.stdout
    assert "2 files, 1 errors, 1 warnings" in bad.stderr
    assert "warning" not in runner.invoke(main, ["validate", "--no-warnings", str(tmp_path)]).stdout


def test_checks_are_all_listed() -> None:
    from ipgraph.corpus import validate as module

    assert {c.__name__ for c in CHECKS} == {name for name in dir(module) if name.startswith("check_")}
