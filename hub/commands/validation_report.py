"""What `hub validate` shows: lines for people, or JSON for programs."""

from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text as Line

from hub.domain.findings import Finding, Severity
from hub.domain.texts import Language, Text
from hub.wire.kmehr.judgement import Judgement, Verdict
from hub.wire.kmehr.paths import visible

_VERDICTS = {
    Verdict.VALID: (Text(fr="valide", nl="geldig", en="valid"), "green"),
    Verdict.INVALID: (Text(fr="refusé", nl="geweigerd", en="invalid"), "bold red"),
    Verdict.UNREADABLE: (Text(fr="illisible", nl="onleesbaar", en="unreadable"), "bold magenta"),
}
_SEVERITIES = {
    Severity.ERROR: (Text(fr="erreur", nl="fout", en="error"), "red"),
    Severity.WARNING: (Text(fr="attention", nl="let op", en="warning"), "yellow"),
}
_SEEN = Text(fr="vu", nl="gezien", en="seen")
_WANTED = Text(fr="attendu", nl="verwacht", en="wanted")
_SUMMARY = Text(
    fr="{files} fichiers : {valid} valides, {invalid} refusés, {unreadable} illisibles",
    nl="{files} bestanden: {valid} geldig, {invalid} geweigerd, {unreadable} onleesbaar",
    en="{files} files: {valid} valid, {invalid} invalid, {unreadable} unreadable",
)


class HumanReport:
    """Writes judgements to a console in one language."""

    def __init__(self, *, console: Console, language: Language) -> None:
        self._console, self._language = console, language

    def add(self, file: Path, judgement: Judgement) -> None:
        """One file: its verdict, then its findings."""
        verdict, style = _VERDICTS[judgement.verdict]
        # Styled pieces, never markup: file names and values may hold square brackets.
        self._print(
            Line.assemble(
                (verdict.language(self._language), style), f"  {visible(str(file))}  ", (judgement.kind, "dim")
            )
        )
        for finding in judgement.findings:
            self._add_finding(finding)

    def close(self, verdicts: Counter[Verdict]) -> None:
        """The last line, when there was more than one file."""
        if verdicts.total() > 1:
            counts = {str(verdict): str(verdicts[verdict]) for verdict in Verdict}
            summary = _SUMMARY.fill(files=str(verdicts.total()), **counts)
            self._print(Line(summary.language(self._language), style="bold"))

    def _add_finding(self, finding: Finding) -> None:
        severity, style = _SEVERITIES[finding.severity]
        heading = (severity.language(self._language), style)
        self._print(Line.assemble("  ", heading, f"  {finding.rule}  ", (finding.where, "bold")))
        if finding.seen:
            self._print(Line.assemble("    ", (f"{_SEEN.language(self._language)}: ", "dim"), finding.seen))
        wanted = finding.wanted.language(self._language)
        self._print(Line.assemble("    ", (f"{_WANTED.language(self._language)}: ", "dim"), wanted))

    def _print(self, line: Line) -> None:
        self._console.print(line, soft_wrap=True)


def as_json(file: Path, judgement: Judgement) -> dict[str, Any]:
    """One file for a program; the sentences in all three languages."""
    return {
        "file": visible(str(file)),
        "verdict": judgement.verdict,
        "kind": judgement.kind,
        "findings": [
            {
                "severity": finding.severity,
                "rule": finding.rule,
                "path": finding.where,
                "seen": finding.seen,
                "wanted": {"fr": finding.wanted.fr, "nl": finding.wanted.nl, "en": finding.wanted.en},
            }
            for finding in judgement.findings
        ],
    }
