"""The forms of Keycloak's pages, whatever theme they wear."""

from html.parser import HTMLParser
from typing import Final, override

_ERROR_MARKS: Final = ("error", "alert", "invalid")


class HtmlForm:
    """A form of a page: where it goes, what it carries along, and what it asks for."""

    def __init__(self, action: str) -> None:
        """Begin without a field."""
        self.action = action
        self.carried: dict[str, str] = {}  # hidden fields with their values
        self.asked: set[str] = set()  # names of the fields that a person fills


class Page:
    """What of a page matters: its title, its forms, and the errors it shows."""

    def __init__(self) -> None:
        """Begin with an empty page."""
        self.title = ""
        self.forms: list[HtmlForm] = []
        self.errors = ""

    def form_asking_for(self, names: frozenset[str]) -> HtmlForm | None:
        """Return the first form that asks for one of the fields."""
        return next((form for form in self.forms if form.asked & names), None)


class _Reader(HTMLParser):
    """Collects forms, their inputs, the title, and the text of elements marked as errors (class, id)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._form: HtmlForm | None = None
        self._in_title = False
        self._error_tag: str | None = None

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                self._form = HtmlForm(values.get("action", ""))
                self.page.forms.append(self._form)
            case "input" if self._form is not None:
                self._add_input(self._form, values)
            case "title":
                self._in_title = True
            case _:
                marks = f"{values.get('class', '')} {values.get('id', '')}".lower()
                if self._error_tag is None and any(word in marks for word in _ERROR_MARKS):
                    self._error_tag = tag

    @staticmethod
    def _add_input(form: HtmlForm, values: dict[str, str]) -> None:
        name = values.get("name", "")
        kind = values.get("type", "text").lower()
        if not name or kind in {"submit", "button", "image", "reset", "checkbox", "radio"}:
            return
        if kind == "hidden" or "readonly" in values or "disabled" in values:
            form.carried[name] = values.get("value", "")
        else:
            form.asked.add(name)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "title":
            self._in_title = False
        elif tag == self._error_tag:
            self._error_tag = None

    @override
    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if self._in_title:
            self.page.title = f"{self.page.title} {words}".strip()
        elif self._error_tag is not None and words:
            self.page.errors = f"{self.page.errors} {words}".strip()


def read_page(html: str) -> Page:
    """Return forms, title and error texts of a page; never raises, however broken it is."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page
