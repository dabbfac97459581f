"""Words that tell what a name names: heads of events, bodies, awards, positions. Lower case, English."""

from __future__ import annotations

import re

EVENT_HEADS = frozenset(
    "conference symposium forum summit congress convention seminar workshop colloquium webinar roundtable "
    "ceremony fair expo exposition exhibition festival meeting session plenary assembly gala banquet dinner "
    "reception launch competition contest championship tournament marathon hackathon campaign celebration "
    "gathering dialogue masterclass training course lecture congresses games cup show parade anniversary "
    "inauguration visit hearing negotiation negotiations talks conclave retreat briefing breakfast luncheon "
    "unveiling salon carnival tour".split()
)
"""Nouns that head the name of an event."""

EVENT_NOMINALS = EVENT_HEADS | frozenset("event activity occasion proceedings affair function evening day".split())

WEAK_EVENT_HEADS = frozenset(
    "launch campaign training course games cup show tour visit session celebration anniversary lecture hearing "
    "negotiation negotiations talks dinner reception breakfast luncheon banquet retreat briefing meeting day".split()
)
"""Heads that name an event only in a longer capitalised name."""

ORGANIZATION_HEADS = frozenset(
    "ministry office bureau administration agency authority commission committee council department division "
    "association federation society union league chamber institute institution university college academy school "
    "faculty foundation trust organization organisation corporation company group bank court tribunal parliament "
    "congress senate assembly government secretariat directorate board centre center laboratory hospital museum "
    "library press consortium alliance network partnership party police service services guild cooperative branch "
    "section sector unit embassy consulate registry institute studio studios club team holdings industries "
    "firm chambers works exchange brokers partners airlines airways motors pharma pharmaceuticals technologies".split()
)

COMPANY_SUFFIX = re.compile(
    r",?\s+(?:Co\.?,?\s*(?:Ltd\.?|Limited)|Ltd\.?|Limited|Inc\.?|Corp\.?|LLC|LLP|L\.L\.P\.|PLC|plc|GmbH|AG|S\.?A\.?|S\.p\.A\.|SpA|"
    r"B\.?V\.?|N\.?V\.?|AB|ASA|Oyj?|Pty\.?(?:\s+Ltd\.?)?|Pvt\.?\s+Ltd\.?|Sdn\.?\s+Bhd\.?|Bhd|P\.C\.|K\.K\.|Co\.)(?!\w)"
)

AWARD_HEADS = frozenset("award awards prize prizes medal trophy honour honor honours fellowship".split())

UNIT_HEADS = frozenset(
    "department division office sector section unit bureau committee directorate branch group team secretariat".split()
)

_MODIFIER = (
    r"deputy|vice|executive|senior|junior|assistant|associate|chief|managing|general|honorary|permanent|founding|"
    r"principal|lead|leading|first|second|acting|interim|special|regional|national|provincial|municipal|global|"
    r"international|standing|co|group|division|business|technical|scientific|legal|commercial|financial|marketing|"
    r"operating|information|technology|patent|trademark|brand|party|programme|program|project|country|research|"
    r"public|press|federal|state|district|sales|product|policy|strategy|communications|development|under|sub|"
    r"party group"
)
_HEAD = (
    r"director[ -]generals?|secretary[ -]generals?|directors?|presidents?|chairmen|chairman|chairwoman|chairpersons?|"
    r"chairs?|secretar(?:y|ies)(?: of state)?|ministers?|mayors?|governors?|commissioners?|managers?|officers?|"
    r"heads?|partners?|deans?|professors?|counsell?ors?|counsels?|consultants?|economists?|representatives?|"
    r"ambassadors?|members?|advis[eo]rs?|co-founders?|founders?|ceo|cfo|cto|coo|cmo|chancellors?|rectors?|judges?|"
    r"justices?|editors?(?:-in-chief)?|spokes(?:person|man|woman)|leaders?|coordinators?|principals?|fellows?|"
    r"registrars?|examiners?|attorneys?(?: general)?|lawyers?|engineers?|analysts?|envoys?|consuls?(?: general)?|"
    r"delegates?|treasurers?|inspectors?|superintendents?|senators?|prime ministers?|premiers?|curators?|coach(?:es)?|"
    r"captains?|administrators?|comptrollers?|controllers?|auditors?|scientists?|researchers?|lecturers?|archivists?|"
    r"librarians?|chief executives?|executives?|president-elect|vice-president|vice-chair(?:man|woman)?|trustees?|"
    r"specialists?|experts?|designers?|architects?|strategists?|owners?|king|queen|prince|sheikh|bishop|archbishop"
)
TITLE = re.compile(rf"(?<![\w-])(?:(?:{_MODIFIER})[ -])*(?:{_HEAD})(?: (?:general|emeritus))?(?![\w-])", re.I)
"""A position held, with what stands before its head."""

GENERIC_PLACE = re.compile(
    r"\b(?:province|provincial|city|municipality|municipal|county|district|state|prefecture|region|town|republic of)\b",
    re.I,
)
HONORIFIC = r"(?:Mr|Ms|Mrs|Miss|Mx|Dr|Prof|Professor|Sir|Madam|Sheikh|Hon)"

POSITION_NOUNS = frozenset(
    "director president chairman chairwoman chairperson chair secretary minister mayor governor commissioner manager "
    "officer head chief partner dean professor counsellor counselor consultant economist representative ambassador "
    "member adviser advisor founder ceo chancellor rector judge justice editor spokesperson spokesman spokeswoman "
    "leader coordinator principal fellow registrar examiner attorney lawyer engineer analyst mr ms mrs dr".split()
)
"""Nouns of position that end the search for the beginning of a body's name."""

_INITIAL = "zh|ch|sh|[bpmfdtnlgkhjqxrzcswy]"
_FINAL = "iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|ve|a|e|i|o|u|v"
PINYIN_GIVEN = rf"(?:(?:{_INITIAL})?(?:{_FINAL})(?:['’-]?(?:{_INITIAL})(?:{_FINAL})){{0,2}})"
"""A given name of one to three pinyin syllables, for use in a case-insensitive group."""

ZH_SURNAMES = frozenset(
    "wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng xie han tang "
    "feng yu dong xiao cheng cao yuan deng fu shen zeng peng lyu lv su lu jiang cai jia ding wei xue ye yan pan du dai "
    "xia zhong tian ren fan fang shi yao tan liao zou xiong jin hao kong bai cui kang mao qiu qin gu hou shao meng "
    "long wan duan lei qian yin yi chang qiao lai gong wen pang lan yin tao hong ni zhuang niu ge ji qi ouyang "
    "situ shangguan zhuge shan ning xiang mei mo mu ou pei qu ran rong sang sheng shu tong tu weng xi xin xing "
    "yue zhai zhan zhen zu".split()
)
"""Frequent Chinese surnames in pinyin, lower case."""

NO_PERSON_AFTER = (
    "Province|City|District|County|Province's|Road|Street|University|Group|Company|Co|Bank|Bureau|River|Bay|Island|Port"
)

VENUE_HEADS = frozenset(
    "hall palace park hotel gardens garden theatre theater stadium arena tower plaza square pavilion campus building "
    "house venue street road avenue hub ground grounds room auditorium library cannery".split()
)
"""Nouns that head the name of a venue."""

CALENDAR = frozenset(
    "January February March April May June July August September October November December Monday Tuesday Wednesday "
    "Thursday Friday Saturday Sunday".split()
)
