"""Who acts, and what each role may do; what is not granted is refused."""

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from core.errors import NotPermitted
from core.messages import message
from core.quoting import quoted


class Permission(StrEnum):
    """What a domain function asks for."""

    READ = "read"
    WRITE = "write"  # stages other than Production, registering
    DEPLOY = "deploy"  # whatever changes Production
    ADMIN = "admin"


class Role(StrEnum):
    """What a person is to Runoff."""

    VIEWER = "viewer"
    DATA_SCIENTIST = "data_scientist"
    ML_ENGINEER = "ml_engineer"
    ADMIN = "admin"


GRANTED: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.VIEWER: frozenset({Permission.READ}),
        Role.DATA_SCIENTIST: frozenset({Permission.READ, Permission.WRITE}),
        Role.ML_ENGINEER: frozenset({Permission.READ, Permission.WRITE, Permission.DEPLOY}),
        Role.ADMIN: frozenset(Permission),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person or a program that acts, and how Runoff knows who it is."""

    name: str
    role: Role
    identified_by: str  # "operating system", "runoff" for what it does by itself


RUNOFF = Actor(name="runoff", role=Role.VIEWER, identified_by="runoff")  # records what it sees; moves nothing


def may(actor: Actor, permission: Permission) -> bool:
    """Whether the actor's role grants the permission."""
    return permission in GRANTED.get(actor.role, frozenset())


def require(actor: Actor, permission: Permission) -> None:
    """Raise NotPermitted where the actor's role does not grant the permission."""
    if may(actor, permission):
        return
    raise NotPermitted(
        message(
            "{actor} ({role}) may not do this: it needs the permission {permission}.",
            actor=quoted(actor.name),
            role=str(actor.role),
            permission=str(permission),
        ),
        message("Ask somebody whose role grants it."),
    )


def local_actor() -> Actor:
    """The operating system's user, who may do everything on this machine."""
    return Actor(name=_user_name(), role=Role.ADMIN, identified_by="operating system")


def _user_name() -> str:
    """By the process's own user id where there is one: the environment says what anybody writes into it."""
    if not hasattr(os, "getuid"):
        return getpass.getuser()
    import pwd  # noqa: PLC0415  only where there are user ids

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # no entry for this user, as in many a container
        return f"uid {os.getuid()}"
