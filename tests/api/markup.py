"""Looking a page over: well-formed, nothing inline, everything labelled."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
Attributes = list[tuple[str, str | None]]


@dataclass
class Page:
    """What was met while reading a page.

    Attributes:
        faults: What a browser would have to guess at, or the content policy would block.
        text: Of the page without scripts.
        first_depth: Text outside every ``details``.
    """

    faults: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    first_depth: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    refers_to: list[str] = field(default_factory=list)
    fields: list[dict[str, str | None]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        self._look(tag, dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self._look(tag, dict(attrs))
        if "svg" not in self.open and tag not in VOID:
            self.page.faults.append(f"<{tag}/> is not closed by its slash")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.page.faults.append(f"</{tag}> where {self.open[-3:]} is open")
            return
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "script" in self.open or "style" in self.open:
            if data.strip():
                self.page.faults.append(f"inline code: {data.strip()[:60]}")
            return
        self.page.text.append(data)
        if "details" not in self.open:
            self.page.first_depth.append(data)

    def _look(self, tag: str, attrs: dict[str, str | None]) -> None:
        page = self.page
        if len(attrs) and "id" in attrs:
            page.ids.append(attrs["id"] or "")
        for name in attrs:
            if name == "style" or name.startswith("on"):
                page.faults.append(f"<{tag} {name}=…>")
        if (attrs.get("href") or "").startswith("javascript:"):
            page.faults.append("a javascript: address")
        if tag == "img" and "alt" not in attrs:
            page.faults.append("an image without alt")
        for name in ("aria-labelledby", "aria-describedby", "for"):
            page.refers_to += (attrs.get(name) or "").split()
        if tag == "label" and "for" in attrs:
            page.labels.append(attrs["for"] or "")
        shown = attrs.get("type") not in {"hidden", "submit"}
        if tag in {"input", "select", "textarea"} and shown and "label" not in self.open:
            page.fields.append(attrs)


def look_over(html: str) -> Page:
    """Read a page; ``faults`` is empty if it is in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    page = reader.page
    page.faults += [f"<{tag}> is never closed" for tag in reader.open]
    twice = {each for each in page.ids if page.ids.count(each) > 1}
    page.faults += [f"the id {each!r} stands twice" for each in sorted(twice)]
    lost = set(page.refers_to) - set(page.ids)
    page.faults += [f"nothing has the id {each!r}" for each in sorted(lost)]
    unnamed = [
        each
        for each in page.fields
        if each.get("id") not in page.labels and "aria-label" not in each
    ]
    page.faults += [f"a field without a label: {each}" for each in unnamed]
    return page
