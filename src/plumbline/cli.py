"""The `plumbline` command: one subcommand a verb."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path


def default_landing() -> Path:
    """`PLUMBLINE_LANDING`, or data/landing where plumbline is run."""
    return Path(os.environ.get("PLUMBLINE_LANDING", "data/landing"))


def progress_on_stderr(what: str) -> Callable[[int, int], None]:
    """Print `what: done of total` on standard error: every second on a terminal, every ten elsewhere."""
    pause = 1.0 if sys.stderr.isatty() else 10.0
    last = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= pause:
            last = time.monotonic()
            print(f"{what}: {done:,} of {total:,}", file=sys.stderr, flush=True)

    return show


def _sample(arguments: argparse.Namespace) -> int:
    from plumbline.sample import Scale, write_sample

    scale = Scale.of(arguments.scale, arguments.days)
    landing: Path = arguments.landing
    if arguments.if_absent and (landing / "truths.json").exists():
        print(f"A sample is there already: {landing}")
        return 0
    write_sample(scale, landing, seed=arguments.seed, progress=progress_on_stderr("sample, days"))
    print(f"Wrote {scale.decisions:,} decisions over {scale.days} days to {landing}; what is true of them: truths.json there.")
    print("Next: dbt build")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plumbline", description="One source of truth for Trust & Safety operations: the verbs around `dbt build`."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    sample = verbs.add_parser(
        "sample",
        help="write a made-up platform whose answers are known",
        description="Write a made-up platform whose answers are known, in the landing contract.",
        epilog="Examples:\n  plumbline sample --scale demo\n  plumbline sample --scale 1000000 --landing /scratch/landing",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sample.add_argument("--scale", default="demo", help="tiny, demo, or a number of decisions (default: demo)")
    sample.add_argument("--days", type=int, help="days that they are spread over (default: by scale)")
    sample.add_argument("--seed", type=int, default=1, help="one seed, one platform, the same bytes (default: 1)")
    sample.add_argument("--landing", type=Path, default=default_landing(), help="folder to write (default: %(default)s)")
    sample.add_argument("--if-absent", action="store_true", help="do nothing where a sample is already")
    sample.set_defaults(run=_sample)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0 done, 1 refused with a reason, 2 wrong usage."""
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
        return code
    except (ValueError, OSError, KeyError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        print(f"plumbline {arguments.verb}: {message}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
