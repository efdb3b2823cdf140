"""Korean particles by the last sound of more than 200 names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.korean.particles import Sound, Word, attach, filled, last_sound

OPEN = """
A; B; C; D; E; F; G; H; I; J; K; O; P; Q; S; T; U; V; W; X; Y; Z; Ａ; VIP; SMS; LMS; DB; AI; KPI
MVP; LTV; CTA; QR코드; B2B; 2; 4; 5; 9; 쿠폰2; 3월4; 24; 1,995; 12.5; 2025; VIP 10%; 50%; 30%p
무료 배송비; 첫 구매; 혜택가; 장바구니; 카카오; 푸시 메시지; 내일 끝나요; 지금 확인하세요!
“마지막 기회”; 봄나들이; 두 배; 적립해 드려요; 😀혜택이 왔어요😀; 즉시; (광고); [공지]; ㅏ
free; order; set; event; gift; point; discount; friend; weekend; message; price; choice; code
push; store; brand; card; new; 1+; $; €; 10$; Café; résumé; MEGA; HELLO; 신규가입자; 휴면예정자
[공지]신규; 무지개; A/B; 베타; 해시태그#; 서비스:; (쿠폰)무료; 네이버; vip; list; 무료(배송)
VVIP; Black Friday; Mother's Day; D-Day; 48hours; 특가🔥; <특가>; 특가(~3/31); [긴급] 특가; x2; ×2
Bronze; Orange; Kit; Content; Lunch; Night; Pink; TikTok 광고; Ⅱ; Ⅳ; α; Ω; 大; 後
(前)後; ボーナス; さくら; Welcome Kit; Last Chance; 1/2; 5만원대; 50%↓
BUY 2; naïve; A(1); 🎁 2차; 신규→휴면자
"""
RIEUL = """
L; R; 1; 7; 8; 11; 3월; 17; 28; 0.8; 서울; 이메일; 오늘; 제일; 알; email; sale; mobile; style
deal; 터널; SQL; URL; 겨울; 12개월; double; simple; sample; SALE; HTML; 할인율(매일 아님); 연말
7일; 파일; 모델; B-1; title; 오픈율(발송 대비); 클릭률; ㄹ; A1; 구매율!
1+1; D-7; Hot Deal; Google; Purple; Original; Control; 특가_1; ①; Ⅰ; Ⅶ; 別; 日; 🎁 선물; 10월~12월
(특별)
"""
CLOSED = """
M; N; 0; 3; 6; 10; 20; 100; 1,000; 2.0; 33; 16; CRM; A안; B안; ‘쿠폰’; 기준안; 미발송 대조군; 그룹
쿠폰; 할인(10%); 혜택; 적립금; coupon; time; line; welcome; app; shop; club; click; book; music
ticket; market; hot; king; form; game; COUPON; 원; ₩; 386만; 점심; 아침; 저녁; 봄; 여름방학; 밤
신년; 이벤트용; ㅋ; A형; 등급; 회원(VIP); 혜택!; 혜택...; 오늘까지만…; 10명; top; type; group
step; pick; traffic; checkout; chat; format; home; 온라인; A0; 안); 이메일 제목; 3월 혜택
쿠폰(5,000원(첫 구매)); good; big; 쿠폰 10
봄 🌸; ♥쿠폰♥; 쿠폰★; ~할인~; 오픈런!!; 限定 쿠폰; 「쿠폰」; 『봄』; 【긴급】; 쿠폰 (신규); Ver.3
D+30; 30대 여성; Benefit; Credit; TikTok; Bag; Web; Facebook; Cashback; Instagram; June
Ending Soon; Ⅲ; Ⅵ; ε; 案; B案; 新; パン
"""


def names(block: str) -> list[str]:
    return [name.strip() for line in block.split("\n") for name in line.split(";") if name.strip()]


NAMES = [
    (name, sound)
    for block, sound in ((OPEN, Sound.OPEN), (RIEUL, Sound.RIEUL), (CLOSED, Sound.CLOSED))
    for name in names(block)
]


@pytest.mark.parametrize(("name", "sound"), NAMES)
def test_the_last_sound_decides(name: str, sound: Sound) -> None:
    assert last_sound(name) is sound


def test_there_are_more_than_200_names() -> None:
    assert len({name for name, _ in NAMES}) >= 250


@pytest.mark.parametrize(
    ("name", "pair", "expected"),
    [
        ("A안", "은/는", "A안은"),
        ("A안", "이/가", "A안이"),
        ("A안", "을/를", "A안을"),
        ("A안", "과/와", "A안과"),
        ("A안", "으로/로", "A안으로"),
        ("A안", "이에요/예요", "A안이에요"),
        ("VIP", "은/는", "VIP는"),
        ("VIP", "이/가", "VIP가"),
        ("VIP", "을/를", "VIP를"),
        ("VIP", "과/와", "VIP와"),
        ("VIP", "으로/로", "VIP로"),
        ("VIP", "이에요/예요", "VIP예요"),
        ("메일", "은/는", "메일은"),
        ("메일", "으로/로", "메일로"),
        ("메일", "이나/나", "메일이나"),
        ("10%", "으로/로", "10%로"),
        ("2,652원", "으로/로", "2,652원으로"),
        ("48.5:51.5", "이었/였", "48.5:51.5였"),
        ("50:50", "으로/로", "50:50으로"),
        ("0.4%p", "을/를", "0.4%p를"),
        ("龍", "은/는", "龍은(는)"),
        ("龍", "으로/로", "龍(으)로"),
        ("🎉", "이/가", "🎉이(가)"),
        ("!?", "이/가", "!?이(가)"),
        ("", "을/를", "을(를)"),
    ],
)
def test_names_take_their_particle(name: str, pair: str, expected: str) -> None:
    assert attach(name, pair) == expected


def test_a_name_decomposed_by_a_file_system_sounds_the_same() -> None:
    assert last_sound("쿠폰") is last_sound("\u110f\u116e\u1111\u1169\u11ab") is Sound.CLOSED


def test_a_word_in_a_sentence_takes_a_particle_or_none() -> None:
    assert f"{Word('B안'):이/가} {Word('B안')}" == "B안이 B안"


@given(st.text(max_size=40))
def test_any_text_takes_a_particle(name: str) -> None:
    attached = attach(name, "은/는")
    assert attached.startswith(name)
    assert attached.removeprefix(name) in {"은", "는", "은(는)"}


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        ("지표 {key!r}이(가) 없습니다", {"key": "오픈율"}, "지표 '오픈율'이 없습니다"),
        ("지표 {key!r}은(는) 끝났습니다", {"key": "aov"}, "지표 'aov'는 끝났습니다"),
        ("슬롯 {start}~{end}이(가) 겹칩니다", {"start": 0, "end": 13}, "슬롯 0~13이 겹칩니다"),
        ('"{input}"은(는) 됩니다', {"input": "이름(서울)"}, '"이름(서울)"은 됩니다'),
        ("{before}은(는) {after}(으)로", {"before": "초안", "after": "공식"}, "초안은 공식으로"),
        ("{share:.0%}이(가) 참여", {"share": 0.25}, "25%가 참여"),
        ("{key}을(를) 적으세요", {"key": "이(가)"}, "이(가)를 적으세요"),
        ("{{{key}}}은(는)", {"key": "!?"}, "{!?}은(는)"),
        ("no {key!r} here", {"key": "은(는)"}, "no '은(는)' here"),
    ],
)
def test_templates_take_the_particles_of_their_values(
    template: str, values: dict[str, object], expected: str
) -> None:
    assert filled(template, values) == expected
