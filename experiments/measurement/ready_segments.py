"""Segments that come ready-made: new, active, dormant, VIP, cart abandoner."""

from experiments.kpis.text import Text
from experiments.measurement.history import (
    Frequency,
    Grade,
    HistorySegment,
    NotFollowed,
    Past,
)

# Names that sources give these events; a project may have others.
SIGN_UP = ("sign_up", "Signed Up", "회원가입")
CART = ("add_to_cart", "Product Added", "cart", "장바구니 담기")
GRADES = ("VIP", "vip", "VVIP", "vvip")
_MONTH, _QUARTER, _YEAR = 30, 90, 365

READY = {
    segment.key: segment
    for segment in (
        HistorySegment(
            "new",
            Text("신규 고객", "New customers"),
            ((Frequency(Past(SIGN_UP, _MONTH), at_least=1),),),
        ),
        HistorySegment(
            "active",
            Text("활성 고객", "Active customers"),
            ((Frequency(Past((), _MONTH), at_least=1),),),
        ),
        HistorySegment(
            "dormant",
            Text("휴면 고객", "Dormant customers"),
            ((Frequency(Past(), at_least=1), Frequency(Past((), _QUARTER), below=1)),),
        ),
        HistorySegment(
            "vip",
            Text("VIP 고객", "VIP customers"),
            (
                (Grade("grade", GRADES),),
                (Frequency(Past(("purchase",), _YEAR), at_least=5),),
            ),
        ),
        HistorySegment(
            "cart_abandoner",
            Text("장바구니를 두고 간 고객", "Cart abandoners"),
            ((NotFollowed(Past(CART, 7), by=("purchase",)),),),
        ),
    )
}
"""By key: signed up within 30 days; did anything within 30 days; did something, though not
within 90 days; has the grade, or bought five times within a year; put something into the cart
within 7 days and bought nothing since."""
