"""On what an expectation rests, in Korean."""

SENTENCES = {
    "expected.past": (
        "같은 종류의 지표로 끝난 테스트 {tests}개에서 본 차이를 바탕으로 예상했습니다."
    ),
    "expected.usual": (
        "같은 종류의 지표로 끝난 테스트가 {least}개보다 적어({tests}개), 흔히 나오는 차이를 "
        "바탕으로 예상했습니다."
    ),
}
