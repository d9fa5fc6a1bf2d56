"""Verifies the files and the published results of shipped models.

    python -m zoo.verify [NAME …]

Files are compared by SHA-256. Results are measured again by the same protocols. Results whose data is not
available are listed as not checked. The status is 1 if a file or a result differs.
"""

import sys

from absl import flags

from zoo import cli
from zoo.errors import ZooError

flags.DEFINE_list("metrics", None, "Protocols; default: those of each model's recipe.")
flags.DEFINE_integer("seeds", 3, "Number of repetitions of the sampling.", lower_bound=1)
flags.DEFINE_string("data_dir", None, "Folder of the datasets of TFDS; default: TFDS' own.")


def main(names):
    """Verifies models.

    Args:
        names: List of strings. Names of trained models. Empty for all.
    """
    args = cli.FLAGS
    cli.load_tensorflow()
    from zoo.saved.card import list_trained
    from zoo.verify import findings as verification

    failed = []
    for name in names or list_trained():
        try:
            findings = verification.verify(name, args.metrics, args.seeds, args.data_dir)
        except ZooError as error:
            print(f"error: {name}: {error.spelled(cli.as_flag, 'Use')}", file=sys.stderr)
            failed.append(name)
            continue
        print("\n".join(map(str, findings)), flush=True)
        failed += [finding.model for finding in findings if finding.holds is False]
    if failed:
        raise ZooError(f"No longer what their cards say: {', '.join(dict.fromkeys(failed))}.")


if __name__ == "__main__":
    cli.run(main, takes_names=True)
