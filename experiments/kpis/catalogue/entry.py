"""An entry of the catalogue: a whole KPI document in both languages, and how people call it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from experiments.kpis.document import Events, Formula, KpiDocument, Text, Tracking
from experiments.registry.channels import CHANNELS, is_measurable

BY_SEND = Tracking(base=Events("sent"))
"""Outside of tests: customers belong to the period of their first message."""

SENDING_TOOL = Text("발송 도구의 웹훅 또는 이벤트 파일", "the sending tool's webhook or event file")
SHOP = Text("쇼핑몰의 주문·환불 데이터", "the shop's orders and refunds")
APP = Text("앱·웹 행동 로그", "the app's or the site's behaviour log")
MEDIA = Text("광고 매체 보고서(집계값)", "reports of the media (added up)")
SURVEY = Text("설문 응답", "survey answers")
SOCIAL = Text("소셜 모니터링 도구(집계값)", "a social listening tool (added up)")
PRICE_LIST = Text("메시지 단가표와 발송 기록", "the price list of messages, and the sends")

A_CURRENCY = "KRW"


@dataclass(frozen=True)
class Synonyms:
    """What a KPI is called besides its name, in each language."""

    ko: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A KPI ready to use.

    Attributes:
        short_name: With the denominator in it.
        purpose: What one does with the number.
        definition: What the number is, in one sentence.
        parent: Key of the entry that it serves; None for those at the top.
        source: Where its events usually come from.
        is_money: Whether it takes a currency, which the project gives.
        confused_with: By key of another entry, what the difference is.
        only_channels: Where events do not say it: the channels that can measure it.
        rest: Further fields of the document, as there.
    """

    key: str
    name: Text
    short_name: Text
    definition: Text
    purpose: Text
    kind: str
    formula: Formula
    unit_of_measure: str
    stage: str
    tier: str
    timing: str
    report_cycle: str
    source: Text
    parent: str | None = None
    direction: str = "up"
    aggregation_period: str = "week"
    tracking: Tracking | None = None
    is_money: bool = False
    synonyms: Synonyms = Synonyms()
    confused_with: Mapping[str, Text] = field(default_factory=dict)
    only_channels: tuple[str, ...] = ()
    covariate_days: int | None = None

    def __post_init__(self) -> None:
        self.document()

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that can measure it; none where it knows no customers."""
        if self.only_channels or self.formula.series:
            return self.only_channels
        return tuple(
            channel
            for channel in CHANNELS
            if all(is_measurable(event, [channel]) for event in self.formula.types_to_report)
        )

    def document(self, language: str = "en", currency: str = A_CURRENCY) -> KpiDocument:
        """The document that a project starts from: a draft without owner, baseline, target.

        The parent is left out, since the project may not have it.

        Args:
            language: Of the source, which stands in one language.
            currency: Of the project.
        """
        return KpiDocument(
            key=self.key,
            name=self.name,
            short_name=self.short_name,
            definition=self.definition,
            purpose=self.purpose,
            kind=self.kind,
            formula=self.formula,
            unit_of_measure=self.unit_of_measure,
            currency=currency if self.is_money else None,
            direction=self.direction,
            source=self.source.in_language(language),
            aggregation_period=self.aggregation_period,
            tracking=self.tracking,
            covariate_days=self.covariate_days,
            stage=self.stage,
            tier=self.tier,
            timing=self.timing,
            report_cycle=self.report_cycle,
            catalogue=self.key,
        )
