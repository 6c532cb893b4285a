"""`python -m analysis` is `juncture`."""

from analysis.cli.app import main

if __name__ == "__main__":
    main()
