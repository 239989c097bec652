import pytest
from dash import Dash

from core.decision.access import Role, local_actor
from dashboard.identity import VISITOR, current_actor


@pytest.mark.parametrize("sender", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["127.0.0.1:8050", "localhost", "LOCALHOST:1", "[::1]:8050", "127.0.0.2"])
def test_a_request_of_this_machine_is_its_users(app: Dash, sender: str, host: str) -> None:
    with app.server.test_request_context(environ_base={"REMOTE_ADDR": sender}, headers={"Host": host}):
        assert current_actor() == local_actor()
        assert current_actor().role is Role.ADMIN


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        ("192.0.2.7", {"Host": "127.0.0.1:8050"}),
        ("::ffff:192.0.2.7", {"Host": "localhost"}),
        ("", {"Host": "localhost"}),
        ("127.0.0.1", {"Host": "evil.example"}),
        ("127.0.0.1", {"Host": ""}),
        ("127.0.0.1", {"Host": "localhost", "X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", {"Host": "localhost", "Forwarded": "for=192.0.2.7"}),
        ("127.0.0.1", {"Host": "localhost", "Via": "1.1 proxy"}),
    ],
)
def test_anybody_else_may_only_look(app: Dash, sender: str, headers: dict[str, str]) -> None:
    with app.server.test_request_context(environ_base={"REMOTE_ADDR": sender}, headers=headers):
        assert current_actor() == VISITOR
        assert current_actor().role is Role.VIEWER
