"""Which Runoff this is; what it records says so."""

VERSION = "0.1.0"
