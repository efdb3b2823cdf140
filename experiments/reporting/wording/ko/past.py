"""On what an expectation rests, in Korean."""

SENTENCES = {
    "expected.past": "여기서 끝난, 같은 종류의 지표를 본 테스트 {tests}개를 바탕으로 예상했습니다.",
    "expected.usual": (
        "같은 종류의 지표를 보고 끝난 테스트가 아직 {least}개가 되지 않아({tests}개), 흔히 나오는 "
        "차이를 바탕으로 예상했습니다."
    ),
}
