"""`python -m clawfleet` is `openclaw`."""

from clawfleet.cli.main import main

if __name__ == "__main__":
    main()
