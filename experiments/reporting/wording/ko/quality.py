"""Korean sentences on the data: two variants, machines, contacts, arrival, delivery."""

SENTENCES = {
    # The data.
    "quality.two.none": "두 안을 모두 받은 고객은 없습니다.",
    "quality.two.some": (
        "두 안을 모두 받은 고객은 {number}명({share})이며, 먼저 받은 안으로 셉니다."
    ),
    "quality.two.warning": "1%를 넘습니다. 왜 두 번 배정되었는지 확인하세요.",
    "quality.two.alarm": (
        "그 비율이 안마다 달라({shares}) 비교가 어긋날 수 있습니다. 왜 두 번 배정되었는지 "
        "확인하세요."
    ),
    "quality.merged": "여러 식별자로 서로 다른 안을 받은 고객 {number}명은 제외했습니다.",
    "quality.machines.open": "메일 앱이 자동으로 연 고객의 비율: {shares}.",
    "quality.machines.click": "프로그램이 대신 클릭한 고객의 비율: {shares}.",
    "quality.machines.differ": "안마다 다릅니다.",
    "quality.scanners": (
        "한 고객이 한 메시지의 서로 다른 링크 {links}개 이상을 {seconds}초 안에 누르면 자동 "
        "클릭으로 봅니다. 이 규칙만으로 찾은 클릭은 {number}건입니다."
    ),
    "quality.contacts": "고객 한 명이 한 주에 받은 메시지: {rates}.",
    "quality.contacts.differ": (
        "안마다 연락 횟수가 다릅니다. 지표의 차이가 여기에서 왔을 수 있습니다."
    ),
    "quality.watermark": "{moment}까지의 이벤트는 모두 들어왔다고 볼 수 있습니다.",
    "quality.delay": "‘{event}’ 이벤트는 100건 가운데 99건이 {delay} 안에 들어옵니다.",
    "quality.late": "집계한 ‘{event}’ 이벤트의 {share:은/는} 집계 기간이 끝난 뒤에 들어왔습니다.",
    "quality.minute": "{number}분",
    "quality.minutes": "{number}분",
    "quality.rows": "{reason} {number}건",
    "quality.rate": "{channel} {rate}건",
    "quality.exposures": "제외한 이 테스트의 발송·노출 기록: {reasons}.",
    "quality.withdrawn": (
        "철회한 가져오기의 기록 {number}건은 처음부터 없었던 것으로 보고 제외했습니다."
    ),
    "quality.erased": "삭제한 고객의 기록 {number}건이 나중에 들어왔지만 받지 않았습니다.",
    # Deliveries given sent.
    "quality.delivery": "발송한 고객 가운데 메시지가 도달한 비율: {rates}.",
    "quality.delivery.alike": "안마다 다르다는 것은 확인하지 못했습니다.",
    "quality.delivery.differ": (
        "안마다 다릅니다. 도달한 고객만으로 낸 비율은 안마다 다른 고객을 재므로 견줄 수 없습니다"
        "(많게는 값의 {share}만큼 어긋납니다). 결론은 발송한 고객 모두로 냈습니다."
    ),
}
