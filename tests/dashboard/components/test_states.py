from core.errors import StoreUnreachable
from core.messages import message
from dashboard.components import states


def test_a_poll_is_silent_until_a_callback_asks_for_more() -> None:
    poll = states.poll("x-poll", seconds=2)

    assert (poll.interval, poll.max_intervals) == (2000, 1)
    assert poll.n_intervals >= poll.max_intervals
    assert poll.max_intervals > states.AGAIN


def test_a_failure_says_what_and_what_to_do() -> None:
    error = StoreUnreachable(message("Nobody answers."), message("Start it."))
    shown = str(states.failed(error, retrying=True))

    assert "Nobody answers." in shown
    assert "Start it." in shown
    assert "tries again" in shown
    assert "tries again" not in str(states.failed(error))


def test_lines_to_type_are_kept_as_they_are() -> None:
    assert "a  <b>\n c" in str(states.command("a  <b>\n c").children.children)
