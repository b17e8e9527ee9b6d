"""Entry point. Nothing heavy is imported here: `--version` answers before typer is."""

from __future__ import annotations

import sys

from dui_bridge import __version__


def main() -> None:
    """Runs one command and exits: 0 done, 1 something waits for a person, 2 usage or input, 3 a service."""
    from dui_bridge.cli.failure import guarded

    if sys.argv[1:] == ["--version"]:
        sys.exit(guarded(_version))
    if any("\udc80" <= sign <= "\udcff" for word in sys.argv[1:] for sign in word):
        sys.stderr.write("an argument is not UTF-8 text / un argument n'est pas du texte UTF-8\n")
        sys.exit(2)
    from dui_bridge.cli.root import root

    sys.exit(guarded(root()))


def _version() -> None:
    sys.stdout.write(f"dui-bridge {__version__}\n")


if __name__ == "__main__":
    main()
