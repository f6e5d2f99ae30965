"""`python -m deploy` is `roost`."""

from deploy.cli import main

main()
