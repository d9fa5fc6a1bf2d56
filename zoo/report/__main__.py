"""Writes the report of a run as one HTML page.

    python -m zoo.report --run=runs/dcgan_digits

The page has curves, samples over time, walks, results with their protocols, the recipe, and the training
command. It opens offline. --model=NAME reports a trained model without its run.
"""

import tempfile

from absl import flags

from zoo import cli

flags.DEFINE_string("run", None, "A run folder, finished or not.")
flags.DEFINE_string("model", None, "A trained model, in place of a run.")
flags.DEFINE_string("out", None, "File of the report; default: RUN/report.html, or reports/NAME.html.")


def main():
    """Writes the report of a run or of a trained model."""
    args = cli.FLAGS
    if not args.model:
        cli.required(args.run, "run", "runs/dcgan_digits")
    cli.load_tensorflow()
    from zoo.report.account import of_model, of_run
    from zoo.report.page import report

    with tempfile.TemporaryDirectory() as album:
        if args.model:
            account, out = of_model(args.model, album), f"reports/{args.model}.html"
        else:
            account, out = of_run(args.run, album), f"{args.run}/report.html"
        report(account, args.out or out)
    print(args.out or out)


if __name__ == "__main__":
    cli.run(main)
