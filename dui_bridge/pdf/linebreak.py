"""Line breaking on cached advance widths: measuring inside a PDF library would be most of the cost of a document."""

from collections.abc import Iterator, Mapping

from dui_bridge.pdf.fonts import Face, advances


def break_lines(text: str, face: Face, size: float, available: float) -> tuple[str, ...]:
    """Prepared text → lines no wider than `available` points at `size` points; at least one.

    Breaks at spaces and line feeds only: never at a no-break space, nor at a hyphen, since readers of a PDF join such
    words again without it. A word wider than a line is cut. A line keeps one space at its end where it was broken at
    one (it hangs outside the width), so that the words stay apart for who reads the text and not the page.
    """
    widths = advances(face)
    limit = available * 1000 / size
    lines = [
        f"{line} " if broken else line
        for paragraph in text.strip("\n ").split("\n")
        for line, broken in (*_break_paragraph(paragraph, widths, limit),)
    ]
    return (*lines[:-1], lines[-1].rstrip(" "))


def _break_paragraph(paragraph: str, widths: Mapping[str, int], limit: float) -> Iterator[tuple[str, bool]]:
    space = widths[" "]
    line: list[str] = []
    used = 0
    for word in paragraph.split(" "):
        if not word:
            continue
        needed = sum(map(widths.__getitem__, word))
        if line and used + space + needed <= limit:
            line.append(word)
            used += space + needed
            continue
        if line:
            yield " ".join(line), True
        if needed > limit:
            *whole, word = _cut(word, widths, limit)
            yield from ((part, False) for part in whole)
        line, used = [word], sum(map(widths.__getitem__, word))
    yield " ".join(line), True


def _cut(word: str, widths: Mapping[str, int], limit: float) -> Iterator[str]:
    start, used = 0, 0
    for index, character in enumerate(word):
        if index > start and used + widths[character] > limit:
            yield word[start:index]
            start, used = index, 0
        used += widths[character]
    yield word[start:]
