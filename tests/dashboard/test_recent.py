from dashboard.recent import Recent


def test_a_value_is_kept_for_its_time() -> None:
    now = [0.0]
    recent: Recent[str, int] = Recent(seconds=10, most=2, clock=lambda: now[0])
    assert recent.get("a") is None
    assert recent.put("a", 1) == 1
    now[0] = 9.9
    assert recent.get("a") == 1
    now[0] = 10.0
    assert recent.get("a") is None


def test_the_oldest_goes_first() -> None:
    recent: Recent[str, int] = Recent(seconds=10, most=2)
    for key in "aba":
        recent.put(key, ord(key))
    recent.put("c", 3)
    assert recent.get("b") is None
    assert recent.get("a") == ord("a")
