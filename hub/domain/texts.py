"""Sentences for people, in the languages of the Belgian field."""

from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["fr", "nl", "en", "de"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in French, Dutch, English and, where it exists, German (English stands in for a missing German)."""

    fr: str
    nl: str
    en: str
    de: str = ""

    def language(self, language: Language) -> str:
        """The sentence in one language; English when that language has none."""
        return {"fr": self.fr, "nl": self.nl, "en": self.en, "de": self.de}[language] or self.en

    def fill(self, **values: str) -> "Text":
        """The same sentence with its `{name}` places filled in, in all languages."""
        return Text(
            fr=self.fr.format(**values),
            nl=self.nl.format(**values),
            en=self.en.format(**values),
            de=self.de.format(**values),
        )
