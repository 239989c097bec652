"""Who may do what."""

import os
import pwd

import pytest

from core.decision.access import RUNOFF, Actor, Permission, Role, local_actor, may, require
from core.errors import NotPermitted

MAY = {
    "viewer": {"read"},
    "data_scientist": {"read", "write"},
    "ml_engineer": {"read", "write", "deploy"},
    "admin": {"read", "write", "deploy", "admin"},
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("permission", list(Permission))
def test_every_role_has_the_permissions_that_were_promised_and_no_other(
    role: Role, permission: Permission
) -> None:
    actor = Actor(name="Ann", role=role, identified_by="a test")
    assert may(actor, permission) == (permission in MAY[role])
    if permission in MAY[role]:
        require(actor, permission)
        return
    with pytest.raises(NotPermitted, match=f'"Ann" \\({role}\\) may not do this.*{permission}') as refusal:
        require(actor, permission)
    assert refusal.value.hint.template
    assert refusal.value.exit_status == 1


def test_a_role_that_nobody_knows_may_nothing() -> None:
    actor = Actor(name="Eve", role="root", identified_by="a test")  # type: ignore[arg-type]
    assert not any(may(actor, permission) for permission in Permission)


def test_the_person_at_this_machine_may_everything_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody")
    monkeypatch.setenv("USER", "somebody")
    actor = local_actor()
    assert actor.name == pwd.getpwuid(os.getuid()).pw_name
    assert (actor.role, actor.identified_by) == (Role.ADMIN, "operating system")
    assert all(may(actor, permission) for permission in Permission)


def test_a_user_without_a_name_still_is_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)
    assert local_actor().name == "uid 3999999999"


def test_runoff_itself_moves_nothing() -> None:
    assert not may(RUNOFF, Permission.WRITE)
    assert not may(RUNOFF, Permission.DEPLOY)
