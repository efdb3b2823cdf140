"""Korean sentences on guardrails, and of gain beside loss."""

SENTENCES = {
    # Harm.
    "harm.headline.down": "{where}{kpi:이/가} 한도를 넘었습니다.",
    "harm.headline.up": "{where}{kpi:이/가} 한도보다 더 나빠졌습니다.",
    "harm.values": (
        "{control} {control_value}, {variant} {value:으로/로} {worsening} {rose_and} "
        "한도는 {margin}입니다."
    ),
    "harm.others": "{others}도 한도를 넘었습니다.",
    "harm.next": "{variant:을/를} 더 보내지 마세요. 계속하려면 담당자와 사유가 필요합니다.",
    "safe.headline": "{where}{kpi:은/는} 안전합니다.",
    "safe.next": "이 지표만 보면 {variant:을/를} 써도 됩니다.",
    "unsafe.next": "위험하다는 뜻은 아닙니다. 담당자가 진행 여부를 정해 주세요.",
    "safe.worst": "{rose}더라도 {worst} 이내로 한도 {margin}보다 작습니다.",
    "safe.never": "오차를 고려해도 나빠지지 않았습니다(한도 {margin}).",
    "unsafe.headline": "{where}{kpi:이/가} {rise} 않았다고 아직 확인하지 못했습니다.",
    "unsafe.worst": (
        "지금 차이는 {difference:이지만/지만} 많게는 {worst}까지 {rose}을 수 있고, "
        "정해 둔 한도는 {margin}입니다."
    ),
    "unsafe.open": "지금 차이는 {difference}이고, 정해 둔 한도는 {margin}입니다.",
    "where": "{variant}에서 ",
    # Gain and loss together.
    "trade.headline": "얻는 것과 잃는 것이 함께 있습니다.",
    "trade.gain": "{variant:은/는} {control}보다 {kpi:이/가} {amount} {rose_formal}.",
    "trade.harm": "대신 {kpi:이/가} {amount} {rose_so} 한도 {margin:을/를} 넘었습니다.",
    "trade.cost": "{kpi:은/는} {amount} {rose_formal}.",
    "trade.next": "자동으로 적용하지 않았습니다. 담당자가 적용할지 정해 주세요.",
    "amount.rate": "{difference}(고객 1만 명당 {total})",
    "amount.total": "고객 1만 명당 {total}",
}
