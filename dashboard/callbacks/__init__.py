"""One module a page, of the same name: parse, one call of services, build_view, return. Wiring only."""
