"""`report.html`: what was read, built, refused and why, for a person. One file, no script, no outside resource.

It shows dossier numbers, and a rejected value where the person must correct it; no trait stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from dui_bridge.findings import Language, Origin, Severity
from dui_bridge.pipeline.reports.summary import DOCUMENT_STATES
from dui_bridge.pipeline.reports.texts import cause, text
from dui_bridge.pipeline.results import MAX_LISTED, Counts, FindingGroup, RunResult, SourceResult

STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1.5rem;color:#1d2733}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{margin-top:2.2rem;border-bottom:2px solid #2f6f8f;padding-bottom:.2rem}
h3{margin:1.4rem 0 .4rem}table{border-collapse:collapse;width:100%;margin:.4rem 0 1rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #dfe5ea}
th{font-weight:600;background:#f2f6f8}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
code{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}td.place{min-width:15rem}td.id code{white-space:nowrap}
.error{color:#9b1c1c;font-weight:600}.warning{color:#8a5a00;font-weight:600}.info{color:#44566b}
.indent td:first-child{padding-left:2rem;color:#44566b}.small{color:#5b6b7a;font-size:.9rem}
"""
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def as_html(result: RunResult, language: Language) -> str:
    """The report as one HTML document."""
    title = text("report_title", language)
    parts = [
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>dui-bridge</title>',
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>',
        f"<h1>{escape(title)}</h1><p>{escape(result.site)}. {escape(text('report_intro', language))}</p>",
    ]
    if result.dry_run:
        parts.append(f"<p>{escape(text('dry_run', language))}</p>")
    for source in result.sources:
        parts += _source(source, language)
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _source(source: SourceResult, language: Language) -> Iterable[str]:
    yield f"<h2>{escape(source.name)}</h2>"
    yield f"<p>{escape(text('export', language))} <code>{escape(source.export)}</code></p>"
    yield f"<h3>{escape(text('numbers', language))}</h3><table>"
    yield from _numbers(source, "usagers", ("mapped",), language)
    yield from _numbers(source, "documents", DOCUMENT_STATES, language)
    yield "</table>"
    yield from _problems(source, language)
    yield from _built(source, language)


def _numbers(source: SourceResult, name: str, states: tuple[str, ...], language: Language) -> Iterable[str]:
    counts: Counts = getattr(source, name)
    head = f"{text(name, language)}, {text('read', language)}"
    yield f'<tr><th>{escape(head)}</th><th class="n">{counts.read}</th></tr>'
    for state in states:
        yield _number(text(str(state), language), counts.states[str(state)])
    for title, counter in (("left_out", counts.left_out), ("quarantined", counts.quarantined)):
        yield _number(text(title, language), counter.total())
        for key, number in counter.most_common():
            yield _number(cause(key, source.rules, language), number, "indent")


def _number(label: str, number: int, css: str = "") -> str:
    return f'<tr class="{css}"><td>{escape(label)}</td><td class="n">{number}</td></tr>'


def _problems(source: SourceResult, language: Language) -> Iterable[str]:
    yield f"<h3>{escape(text('problems', language))}</h3>"
    if not source.groups:
        yield f"<p>{escape(text('none', language))}</p>"
        return
    heads = ("place", "problem", "remedy", "who", "dossiers")
    yield "<table><tr>" + "".join(f"<th>{escape(text(head, language))}</th>" for head in heads) + "</tr>"
    for group in sorted(source.groups.values(), key=_by_severity_and_place):
        yield _problem(group, language)
    yield "</table>"
    if source.not_listed:
        yield f"<p>{source.not_listed} {escape(text('and_more', language))}</p>"


def _by_severity_and_place(group: FindingGroup) -> tuple[int, str, str, int]:
    at = group.finding.at
    file, row = (at.file, at.row) if isinstance(at, Origin) else ("", 0)
    return _ORDER[group.finding.severity], group.finding.rule.id, file, row


def _problem(group: FindingGroup, language: Language) -> str:
    finding = group.finding
    place = f"<code>{escape(str(finding.at))}</code>" if finding.at is not None else ""
    if isinstance(finding.at, Origin) and finding.at.mapping is not None:
        place += (
            f'<br><span class="small">{escape(text("mapping_line", language))} {escape(str(finding.at.mapping))}</span>'
        )
    severity = str(finding.severity)
    label = f'<span class="{severity}">{escape(text(f"severity_{severity}", language))}</span>'
    dossiers = ", ".join(escape(dossier) for dossier in group.dossiers)
    if group.count > len(group.dossiers) and group.count > 1:
        dossiers += f' <span class="small">({group.count} {escape(text("times", language))})</span>'
    return (
        f'<tr><td class="place">{place}</td><td>{label} {escape(finding.message(language))}'
        f' <span class="small">{finding.rule.id}</span></td><td>{escape(finding.remedy(language))}</td>'
        f"<td>{escape(text(f'who_{finding.rule.who}', language))}</td><td>{dossiers}</td></tr>"
    )


def _built(source: SourceResult, language: Language) -> Iterable[str]:
    yield f"<h3>{escape(text('built_documents', language))}</h3>"
    if not source.built:
        yield f"<p>{escape(text('none', language))}</p>"
        return
    heads = ("dossier", "establishment", "type", "version", "body", "ins", "document")
    yield "<table><tr>" + "".join(f"<th>{escape(text(head, language))}</th>" for head in heads) + "</tr>"
    for item in source.built:
        replaces = f' <span class="small">({escape(text("replaces", language))})</span>' if item.replaces else ""
        yield (
            f"<tr><td>{escape(item.dossier)}</td><td>{escape(item.finess)}</td><td>{escape(item.type)}</td>"
            f'<td class="n">{item.version}{replaces}</td>'
            f"<td>{escape(text('rendered' if item.rendered else 'vendor_pdf', language))}</td>"
            f"<td>{escape(text('yes' if item.with_ins else 'no', language))}</td>"
            f'<td class="id"><code>{escape(item.unique_id)}.xml</code></td></tr>'
        )
    yield "</table>"
    if source.documents.states["built"] > len(source.built):
        yield f"<p>{escape(text('all_listed', language).format(limit=MAX_LISTED))}</p>"
