"""SVG as PNG and PDF, and documents as PDF, by Typst; with a font that has the letters.

A machine without a Korean font would draw boxes: that is refused, by name.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.errors import Unavailable

if TYPE_CHECKING:
    import typst

# Two pixels for each unit of the drawing.
PIXELS_PER_INCH = 192.0
_HANGUL = re.compile(r"[ᄀ-ᇿ㄰-㆏가-힣]")
# Families that have Hangul, as their names begin or as they are called, without spaces.
KOREAN_FAMILIES = (
    "pretendard", "nanum", "notosanskr", "notoserifkr", "notosanscjk", "notoserifcjk",
    "sourcehansans", "sourcehanserif", "malgungothic", "applesdgothic", "applemyungjo",
    "spoqahansans", "ibmplexsanskr", "gowun", "gothica1", "d2coding", "gulim", "dotum", "batang",
    "undotum", "unbatang", "unifont",
)  # fmt: skip
# Fonts for Korean seldom have a minus sign, and the whole number would take another font.
_TEXT = re.compile(r"(?<=<text)([^>]*>)([^<]*)")
_PICTURE = b"""
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg", alt: sys.inputs.alt)
"""


class RendererMissing(Unavailable):
    """The library that draws PNG and PDF is not installed."""

    template = (
        "PNG and PDF need the Python package {package}: install it with pip install {package}; "
        "SVG, HTML, CSV and Excel do without"
    )


class FontMissing(Unavailable):
    """No font on this machine has Hangul."""

    template = (
        "no font with Korean letters is installed: install one, such as the Debian package "
        "{package}, or put a .ttf or .otf file into the folder {folder} of the service; "
        "SVG, HTML, CSV and Excel do without"
    )


def rendered(svg: str, form: str, fonts: Path, alt: str = "") -> bytes:
    """A picture as a file.

    Args:
        svg: A whole SVG document.
        form: ``png`` or ``pdf``.
        fonts: Folder with fonts beside those of the machine; need not be there.
        alt: The picture in words.

    Raises:
        RendererMissing: If Typst is not installed.
        FontMissing: If the text is Korean, and no font is.
    """
    return composed(_PICTURE, {"svg": printable(svg), "alt": alt}, fonts, form=form)


def printable(svg: str) -> str:
    """The picture as Typst draws it well.

    Examples:
        >>> printable('<text x="1">−0.4%p</text>')
        '<text x="1">-0.4%p</text>'
    """
    return _TEXT.sub(lambda met: met[1] + met[2].replace("−", "-"), svg)


def composed(
    template: bytes,
    inputs: dict[str, str],
    fonts: Path,
    *,
    form: str = "pdf",
    at: datetime | None = None,
) -> bytes:
    """A Typst document as a file.

    Args:
        template: In Typst's language; ours, never a caller's.
        inputs: Texts that it reads; they are never taken for Typst's language.
        fonts: As for :func:`rendered`.
        form: ``png`` or ``pdf``.
        at: Written into the PDF as its moment.

    Raises:
        RendererMissing: If Typst is not installed.
        FontMissing: If a text is Korean, and no font is.
    """
    try:
        import typst  # noqa: PLC0415 - 80 MB that only pictures and documents need
    except ImportError as error:
        raise RendererMissing(package="typst") from error
    found = _fonts(fonts)
    if any(_HANGUL.search(text) for text in inputs.values()) and not has_korean(found.families()):
        _fonts_in.cache_clear()
        raise FontMissing(package="fonts-nanum", folder=fonts.name)
    options: dict[str, Any] = {"ppi": PIXELS_PER_INCH} if form == "png" else {}
    moment = (at or datetime(1970, 1, 1, tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    compiler = typst.Compiler(template, font_paths=found, sys_inputs=inputs)
    made = compiler.compile(format="png" if form == "png" else "pdf", timestamp=moment, **options)
    assert isinstance(made, bytes)  # noqa: S101 - one page of PNG, or one PDF
    return made


def has_korean(families: list[str]) -> bool:
    """Whether one of the families has Hangul.

    Examples:
        >>> has_korean(["DejaVu Sans", "NanumGothic"]), has_korean(["DejaVu Sans"])
        (True, False)
    """
    return any(family.lower().replace(" ", "").startswith(KOREAN_FAMILIES) for family in families)


def _fonts(folder: Path) -> "typst.Fonts":
    return _fonts_in(folder if folder.is_dir() else None)


@lru_cache(maxsize=4)
def _fonts_in(folder: Path | None) -> "typst.Fonts":
    """Looking through a machine's fonts takes a tenth of a second: once is enough."""
    import typst  # noqa: PLC0415 - only where one is asked

    return typst.Fonts(font_paths=[] if folder is None else [folder])
