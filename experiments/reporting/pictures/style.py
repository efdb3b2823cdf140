"""The look of the pictures: one style sheet, with the page's colours or with its own.

A page colours them by its variables, in the dark too; `api/static/truelift.css` holds the
same rules (a test compares). A file carries the rules with the colours of the light page.
"""

import re

COLOURS = {
    "surface": "#ffffff",
    "ink": "#1d2430",
    "muted": "#5b6472",
    "line": "#dfe0db",
    "line-strong": "#c3c6c4",
    "accent": "#2a52cf",
    "good": "#14724f",
    "bad": "#b3341f",
    "quiet": "#4f5d73",
    "band": "#e4e9f7",
}
# The first that a machine has draws Korean too; sans-serif stands for the reader's own.
FONTS = (
    "Pretendard", "Noto Sans KR", "Noto Sans CJK KR", "NanumBarunGothic", "NanumGothic",
    "Apple SD Gothic Neo", "Malgun Gothic",
)  # fmt: skip

RULES = """\
.picture text { fill: var(--tl-ink); font-size: 14px; }
.picture .f-title { font-weight: 650; }
.picture .f-sub, .picture .f-tick { fill: var(--tl-muted); font-size: 12.5px; }
.picture .f-value { font-weight: 600; }
.picture .f-zero { stroke: var(--tl-muted); stroke-width: 1.5; }
.picture .f-grid { stroke: var(--tl-line); stroke-width: 1; }
.picture .f-band { fill: var(--tl-band); }
.picture .f-always { fill: var(--tl-band); stroke: var(--tl-line-strong); stroke-width: 1; }
.picture .f-rule { stroke: var(--tl-line); stroke-width: 1; }
.picture .f-target { fill: none; stroke: var(--tl-accent); stroke-width: 2; }
.picture .f-limit { stroke: var(--tl-bad); stroke-width: 2; stroke-dasharray: 3 3; }
.picture .f-look { stroke: var(--tl-muted); stroke-width: 1.25; stroke-dasharray: 2 4; }
.picture .f-line { fill: none; stroke: var(--tl-accent); stroke-width: 2.25; stroke-linejoin: round; }
.picture .f-bar { stroke: var(--tl-quiet); stroke-width: 5; stroke-linecap: butt; }
.picture .f-whisker { stroke: var(--tl-quiet); stroke-width: 1.75; }
.picture .f-arrow { fill: var(--tl-quiet); }
.picture .f-dot { fill: var(--tl-surface); stroke: var(--tl-quiet); stroke-width: 2.5; }
.picture .f-last { fill: var(--tl-accent); }
.picture .f-step { fill: var(--tl-accent); }
.picture .f-step-control { fill: var(--tl-surface); stroke: var(--tl-quiet); stroke-width: 1.5; }
.picture .better .f-bar, .picture .better .f-whisker { stroke: var(--tl-good); }
.picture .better .f-dot { fill: var(--tl-good); stroke: var(--tl-good); }
.picture .better .f-arrow, .picture .better .f-value { fill: var(--tl-good); }
.picture .worse .f-bar, .picture .worse .f-whisker { stroke: var(--tl-bad); }
.picture .worse .f-dot { fill: var(--tl-bad); stroke: var(--tl-bad); }
.picture .worse .f-arrow, .picture .worse .f-value { fill: var(--tl-bad); }
.picture .withheld .f-bar, .picture .withheld .f-whisker, .picture .withheld .f-dot { stroke: var(--tl-line-strong); }
.picture .withheld text, .picture .withheld .f-value { fill: var(--tl-muted); font-weight: 400; }
.picture .withheld .f-line { stroke: var(--tl-line-strong); }
"""  # noqa: E501 - a rule is a line, as in the page's own sheet

_COLOUR = re.compile(r"var\(--tl-([a-z-]+)\)")


def rules_of_a_file(fonts: tuple[str, ...] = FONTS) -> str:
    """The rules with colours of their own, and the fonts to look for."""
    coloured = _COLOUR.sub(lambda met: COLOURS[met[1]], RULES)
    named = ", ".join(f"'{font}'" for font in fonts)
    return f"svg {{ font-family: {named}, sans-serif; }}\n{coloured}"
