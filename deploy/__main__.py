"""The module entry point: `python -m deploy` runs `roost`."""

from deploy.cli import main

main()
