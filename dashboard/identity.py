"""Who acts: the operating system's user at this machine; anybody else may look."""

from core.decision.access import Actor, Role, local_actor
from dashboard import request

VISITOR = Actor(name="not identified", role=Role.VIEWER, identified_by="nothing")


def current_actor() -> Actor:
    """Whoever sent the request.

    There is no login: a request that comes from this machine to its loopback address is its user's. What
    came through a proxy is not, whoever runs the browser.
    """
    return local_actor() if request.is_local() else VISITOR
