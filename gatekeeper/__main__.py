"""The command `gatekeeper`, also started as `python -m gatekeeper`."""

from gatekeeper.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
