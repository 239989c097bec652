"""Services as app.py makes them, over settings of a test's own."""

from app import services_of as make_services

__all__ = ["make_services"]
