"""Words that tell what a name names: heads of events and bodies, generic words of places. Lower case, English."""

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


ORGANIZATION_HEADS = frozenset(
    "ministry office bureau administration agency authority commission committee council department division "
    "association federation society union league chamber institute institution university college academy school "
    "faculty foundation trust organization organisation corporation company group bank court tribunal parliament "
    "congress senate assembly government secretariat directorate board centre center laboratory hospital museum "
    "library press consortium alliance network partnership party police service services guild cooperative branch "
    "section sector unit embassy consulate registry institute studio studios club team holdings industries "
    "firm chambers works exchange brokers partners airlines airways motors pharma pharmaceuticals technologies".split()
)


GENERIC_PLACE = re.compile(
    r"\b(?:province|provincial|city|municipality|municipal|county|district|state|prefecture|region|town|republic of)\b",
    re.I,
)
