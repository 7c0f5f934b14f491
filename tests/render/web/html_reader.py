"""Reads a page as a browser would, for tests."""

import base64
import hashlib
import re
from html.parser import HTMLParser

VOID = {"meta", "br", "img", "rect", "wbr", "input", "mspace", "path", "polyline", "circle"}


class Page(HTMLParser):
    """Tags, attributes, links, ids, headings and the text between tags; every element must be closed."""

    def __init__(self, data: bytes):
        super().__init__()
        self.open, self.tags, self.attributes, self.links, self.ids, self.levels = [], set(), set(), set(), [], []
        self.text, self.alts, self.policy, self.verbatim = "", [], "", {"style": [], "script": [], "data": []}
        self.feed(data.decode())
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(attrs)
        self.links |= {attrs[name] for name in ("href", "src") if name in attrs}
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.levels += [int(tag[1])] if re.fullmatch(r"h\d", tag) else []
        self.alts += [attrs["alt"]] if tag == "img" else []
        self.policy = attrs["content"] if "http-equiv" in attrs else self.policy
        if tag not in VOID:
            self.open.append("data" if tag == "script" and "type" in attrs else tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() in (tag, "data")

    def handle_data(self, data):
        if self.open and self.open[-1] in self.verbatim:
            self.verbatim[self.open[-1]].append(data)
        else:
            self.text += data


def hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
