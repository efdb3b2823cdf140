"""Why a KPI has no effect by days: patterns of the reasons, and the Korean."""

DAY_GAPS: tuple[tuple[str, str], ...] = (
    (
        r"the window is a day or less, so there are no days to tell apart",
        "집계 기간이 하루를 넘지 않아 날짜별로 나눠 볼 것이 없습니다.",
    ),
    (
        r"the KPI counts what did not happen in the whole window, so no single day has an effect",
        "집계 기간 내내 일어나지 않은 것을 세는 지표라 날짜별 효과가 따로 없습니다.",
    ),
    (
        r"the KPI counts days of the calendar, which begin at other times than a customer's own",
        "달력 날짜로 세는 지표라, 고객마다 시작한 뒤 며칠째인지로는 나눌 수 없습니다.",
    ),
    (
        r"the KPI takes one answer of each customer, whenever it came",
        "고객마다 응답 하나만 세는 지표라 날짜별로 나누지 않습니다.",
    ),
    (
        r"the KPI is itself the time until something happens",
        "걸린 시간 자체를 재는 지표라 날짜별로 나누지 않습니다.",
    ),
    (
        r"what the KPI says of each day cannot be added up, so there is no difference by day and "
        r"no planned look",
        "날짜별로 더할 수 없는 지표라 날짜별 차이와 중간 점검이 없습니다.",
    ),
    (
        r"what the KPI is divided by adds up to less than 0 on some of the days",
        "나누는 값의 합이 0보다 작은 날이 있어 날짜별로 나눌 수 없습니다.",
    ),
    (
        r"the shares of the variants follow the results: no effect by days is told",
        "배정 비율이 결과를 따라 바뀌는 테스트라 날짜별 효과를 보여 드리지 않습니다.",
    ),
)
