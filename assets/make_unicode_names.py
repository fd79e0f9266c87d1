"""Writes unicode_names.bin: the name of every code point that has one of its own.

    python3 -m venv venv && venv/bin/pip install unicodedata2
    venv/bin/python make_unicode_names.py

The names are those of `unicodedata2`, a copy of the Unicode character database (Unicode License v3).
Left out are names that a rule makes: Hangul syllables, and ideographs that are called by their number.
Control characters have no name; they get their first alias from NameAliases.txt (fixed for all time).

The file, numbers little-endian:
    "UNIN", u8 version 1, u8 n_rules, u16 n_words, u32 n_runs, u32 n_names
    for each rule: u24 first code point, u24 last, u8 length, and what its names begin with
    u8 for each word: its length; then the words' bytes, commonest first
    for each run of code points: u24 first code point, u16 how many
    for each 32nd name: u24 where it begins, counted from the first name
    for each name: u8 kept << 4 | added: how many words it shares with the name before, and how many
        follow; each is one byte below 0xC0, or (byte - 0xC0) << 8 | next byte, plus 0xC0.
        Every 32nd name shares none.
"""

import collections
import pathlib
import struct

import unicodedata2 as unicodedata

CONTROLS = """NULL;START OF HEADING;START OF TEXT;END OF TEXT;END OF TRANSMISSION;ENQUIRY;ACKNOWLEDGE;ALERT;BACKSPACE
CHARACTER TABULATION;LINE FEED;LINE TABULATION;FORM FEED;CARRIAGE RETURN;SHIFT OUT;SHIFT IN;DATA LINK ESCAPE
DEVICE CONTROL ONE;DEVICE CONTROL TWO;DEVICE CONTROL THREE;DEVICE CONTROL FOUR;NEGATIVE ACKNOWLEDGE;SYNCHRONOUS IDLE
END OF TRANSMISSION BLOCK;CANCEL;END OF MEDIUM;SUBSTITUTE;ESCAPE;INFORMATION SEPARATOR FOUR
INFORMATION SEPARATOR THREE;INFORMATION SEPARATOR TWO;INFORMATION SEPARATOR ONE"""
HIGH_CONTROLS = """DELETE;PADDING CHARACTER;HIGH OCTET PRESET;BREAK PERMITTED HERE;NO BREAK HERE;INDEX;NEXT LINE
START OF SELECTED AREA;END OF SELECTED AREA;CHARACTER TABULATION SET;CHARACTER TABULATION WITH JUSTIFICATION
LINE TABULATION SET;PARTIAL LINE FORWARD;PARTIAL LINE BACKWARD;REVERSE LINE FEED;SINGLE SHIFT TWO;SINGLE SHIFT THREE
DEVICE CONTROL STRING;PRIVATE USE ONE;PRIVATE USE TWO;SET TRANSMIT STATE;CANCEL CHARACTER;MESSAGE WAITING
START OF GUARDED AREA;END OF GUARDED AREA;START OF STRING;SINGLE GRAPHIC CHARACTER INTRODUCER
SINGLE CHARACTER INTRODUCER;CONTROL SEQUENCE INTRODUCER;STRING TERMINATOR;OPERATING SYSTEM COMMAND;PRIVACY MESSAGE
APPLICATION PROGRAM COMMAND"""


def names():
    """Names by code point, and the rules as [first, last, beginning]."""
    rules = []
    listed = dict(enumerate(CONTROLS.replace("\n", ";").split(";")))
    listed |= dict(enumerate(HIGH_CONTROLS.replace("\n", ";").split(";"), 0x7F))
    assert len(listed) == 65
    for code in range(0x110000):
        name = unicodedata.name(chr(code), "")
        if name.endswith(f"-{code:X}"):
            beginning = name.removesuffix(f"{code:X}")
            if rules and rules[-1][1:] == [code - 1, beginning]:
                rules[-1][1] = code
            else:
                rules.append([code, code, beginning])
        elif name and not name.startswith("HANGUL SYLLABLE "):
            listed[code] = name
    return dict(sorted(listed.items())), rules


def number(value):
    return bytes([value]) if value < 0xC0 else bytes([0xC0 + (value - 0xC0 >> 8), value - 0xC0 & 0xFF])


def packed(listed, rules):
    split = [name.split(" ") for name in listed.values()]
    tails, starts, block, before = [], [], b"", []
    counts, kept = collections.Counter(), []
    for i, words in enumerate(split):
        shared = 0
        if i % 32:
            while shared < min(len(words), len(before)) and words[shared] == before[shared]:
                shared += 1
        kept.append(shared)
        counts.update(words[shared:])
        before = words
    order = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    index = {word: i for i, word in enumerate(order)}
    assert len(order) < 0xC0 + 0x4000, len(order)
    body = bytearray()
    for i, (words, shared) in enumerate(zip(split, kept)):
        if i % 32 == 0:
            starts.append(len(body))
        added = words[shared:]
        assert shared < 16 and len(added) < 16, words
        body.append(shared << 4 | len(added))
        for word in added:
            body += number(index[word])
    runs = []
    for code in listed:
        if runs and code == sum(runs[-1]) and runs[-1][1] < 0xFFFF:
            runs[-1][1] += 1
        else:
            runs.append([code, 1])
    u24 = lambda value: value.to_bytes(3, "little")
    head = struct.pack("<4sBBHII", b"UNIN", 1, len(rules), len(order), len(runs), len(listed))
    parts = [
        head,
        b"".join(u24(a) + u24(b) + bytes([len(c)]) + c.encode("ascii") for a, b, c in rules),
        bytes(len(word) for word in order), "".join(order).encode("ascii"),
        b"".join(u24(first) + struct.pack("<H", n) for first, n in runs),
        b"".join(map(u24, starts)), bytes(body),
    ]
    return b"".join(parts)


def fixture(listed, rules):
    """Names for the test: both ends of every rule, and every 97th name."""
    codes = {code for first, last, _ in rules for code in (first, last)}
    codes |= set(list(listed)[::97]) | {0xAC00, 0xAC01, 0xB4F1, 0xD7A3, 0xE9, 0x540E, 0x5F8C, 0x1F353}
    codes |= {0x378, 0xE000, 0xFFFF, 0x10FFFF}
    named = ((code, listed.get(code) or unicodedata.name(chr(code), "")) for code in sorted(codes))
    return "".join(f"{code:04X};{name}\n" for code, name in named)


if __name__ == "__main__":
    here = pathlib.Path(__file__).parent
    data = packed(*names())
    (here / "unicode_names.bin").write_bytes(data)
    tests = here.parent / "tests" / "data" / "unicode_names.txt"
    tests.write_text(fixture(*names()))
    print(f"Unicode {unicodedata.unidata_version}: {len(data)} bytes")
