"""The sentences of a plan, Korean beside English under the same keys."""

SENTENCES: dict[str, tuple[str, str]] = {
    "units.headline": (
        "안마다 {per_variant}, 모두 {total}이 필요합니다.",
        "It takes {per_variant} per variant, {total} in all.",
    ),
    "units.headline.unequal": (
        "모두 {total}이 필요합니다({per_variant}).",
        "It takes {total} in all ({per_variant}).",
    ),
    "effect.headline": (
        "{total:으로/로}는 {visible:을/를} 확인할 수 있습니다.",
        "{total:capital} can show {visible}.",
    ),
    "effect.headline.none": (
        "{total:으로/로}는 어떤 차이도 확인하기 어렵습니다.",
        "{total:capital} can hardly show any difference.",
    ),
    "power.headline": (
        "{effect} 차이가 실제로 있다면 {total:으로/로}는 100번 중 {times}번 확인합니다.",
        "If there really is a difference of {effect}, {total} show it {times} times in 100.",
    ),
    "keeps": (
        "{kpi:이/가} {baseline}에서 실제로 {effect} 달라진다면 100번 중 {times}번은 확인합니다.",
        "{kpi:capital}: if it really moves by {effect} from {baseline}, {times} tests in 100 show "
        "it.",
    ),
    "keeps.harm": (
        "{kpi:이/가} 실제로 그대로라면, {effect} 넘게 나빠지지 않았다는 것을 100번 중 {times}번은 "
        "확인합니다.",
        "{kpi:capital}: if nothing changes, {times} tests in 100 show that it got worse by no more "
        "than {effect}.",
    ),
    "visible.both": (
        "{up} 이상 오르거나 {down} 이상 내린 것",
        "a rise of {up} or a drop of {down}",
    ),
    "visible.up": ("{up} 이상 오른 것", "a rise of {up}"),
    "visible.down": ("{down} 이상 내린 것", "a drop of {down}"),
    "visible.harm": ("{limit} 넘게 나빠지지 않은 것", "that it got worse by no more than {limit}"),
    "days": (
        "다 모으는 데 {days}, 결론까지 {verdict:이/가} 걸립니다.",
        "It takes {days} to collect them, {verdict} to the verdict.",
    ),
    "days.at_once": (
        "한 번에 보내고, 결론까지 {verdict:이/가} 걸립니다.",
        "All are sent at once; the verdict takes {verdict}.",
    ),
    "looks": (
        "중간 점검을 포함해 {looks}번 확인하는 만큼 인원이 {inflation} 더 들어갑니다.",
        "Checking {looks} times costs {inflation} more customers.",
    ),
    "dunnett": (
        "안이 여럿이라 기준을 더 엄격하게 잡은 인원입니다.",
        "With several variants the bar is set higher; that is in the number.",
    ),
    "profit": (
        "매출만 따지면 안마다 {per_variant:으로/로} 시험하고, 앞선 안을 나머지 {rest}에게 보내는 "
        "것이 가장 유리합니다.",
        "If only the gain counts, test with {per_variant} per variant and send the leader to the "
        "remaining {rest}.",
    ),
    "guardrail": (
        "안전 지표 {kpi:은/는} 이 인원으로 한도 {limit}까지 확인할 수 있습니다.",
        "Guardrail {kpi}: this many customers can show a limit of {limit}.",
    ),
    "guardrail.none": (
        "안전 지표 {kpi:은/는} 이 인원으로 어떤 한도도 확인할 수 없습니다.",
        "Guardrail {kpi}: this many customers can show no limit.",
    ),
    "guardrail.chance": (
        "정해 둔 한도 {margin:은/는}, 아무 해가 없어도 100번 중 {times}번만 안전하다고 확인됩니다.",
        "With your limit of {margin}, a harmless variant is shown to be safe {times} times in 100.",
    ),
    "next.fits": (
        "이대로 등록해도 됩니다.",
        "You can register the test like this.",
    ),
    "next.too_small": (
        "고객을 더 모으거나, 더 큰 차이를 노리거나, 클릭률처럼 빨리 움직이는 지표로 바꾸세요.",
        "Collect more customers, aim at a larger difference, or use a KPI that moves faster, such "
        "as clicks.",
    ),
    "list_below_need": (
        "명단이 {list:이라/라} 필요한 인원에 못 미칩니다. "
        "다 보내도 {visible}만 확인할 수 있습니다.",
        "The list has {list}, fewer than it takes; all of it can only show {visible}.",
    ),
    "small_list": (
        "명단 전체로도 큰 차이만 보입니다: {visible}.",
        "Even the whole list shows large differences only: {visible}.",
    ),
    "low_power": (
        "이 인원으로는 실제로 있는 차이를 놓치기 쉽습니다.",
        "This many customers are likely to miss a difference that is there.",
    ),
    "no_increase_visible": (
        "오르는 쪽은 아무리 커도 확인할 수 없습니다.",
        "No rise can be shown, however large.",
    ),
    "no_decrease_visible": (
        "내리는 쪽은 아무리 커도 확인할 수 없습니다.",
        "No drop can be shown, however large.",
    ),
    "few_units": (
        "한 안의 인원이 100명보다 적어, 진행 중에는 아무것도 보여 드리지 않습니다.",
        "A variant has fewer than 100 customers, so nothing is shown while the test runs.",
    ),
    "few_outcomes": (
        "한 안에서 기대되는 건수가 5건도 안 됩니다.",
        "Fewer than 5 outcomes are expected in a variant.",
    ),
    "many_weeks": (
        "8주가 넘게 걸립니다. 그동안 시장이나 고객이 달라질 수 있습니다.",
        "It takes more than 8 weeks, in which the market and the customers may change.",
    ),
    "no_rest": (
        "테스트에 명단을 다 써서, 이긴 안을 보낼 고객이 남지 않습니다.",
        "The test uses up the list: nobody is left to send the winner to.",
    ),
    "guardrail_limit_not_shown": (
        "안전 지표의 한도가 이 인원에는 빠듯합니다.",
        "A guardrail's limit is tight for this many customers.",
    ),
}
