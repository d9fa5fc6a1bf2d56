"""Prints the README's table of all models.

    python -m zoo.document [--write]

The table is made from the registry, the recipes and the cards. --write puts it into README.md, and the
table of the papers' recipes into recipes/README.md.
"""

from absl import flags

from zoo import cli
from zoo.errors import ZooError

flags.DEFINE_bool("write", False, "Rewrites the tables in README.md and recipes/README.md of this clone.")


def main():
    """Prints the table, or writes it into README.md."""
    args = cli.FLAGS
    cli.load_tensorflow()
    from zoo.document import papers
    from zoo.document import readme as documentation

    if not args.write:
        print(documentation.table(), end="")
        return
    if not documentation.readme.is_file():
        raise ZooError(f"There is no {documentation.readme}. Run this in a clone of the zoo.")
    text = documentation.readme.read_text(encoding="utf-8")
    documentation.readme.write_text(documentation.written(text), encoding="utf-8")
    papers.guide.write_text(papers.written(papers.guide.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    cli.run(main)
