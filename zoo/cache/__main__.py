"""Lists or removes prepared data of embedded sets and of folders of images.

    python -m zoo.cache
    python -m zoo.cache --remove=stale

Data is stale if another version of zoo has prepared it, if its folder of images is gone or if newer data of
this folder exists. Whatever is removed is prepared again when it is needed.
"""

from absl import flags

from zoo import cli
from zoo.cache.prepared import list_prepared

flags.DEFINE_enum("remove", None, ["stale", "all"], "Removes the stale or all prepared data.")
flags.DEFINE_string("data_dir", None, "Folder of prepared data; default: that of the zoo's cache.")


def main():
    """Prints the prepared data, and removes it if the flag says so."""
    args = cli.FLAGS
    prepared = list_prepared(args.data_dir)
    for one in prepared:
        print(f"{one.size / 1e6:9.1f} MB  {one.name}{f'  (stale: {one.stale})' if one.stale else ''}")
    stale = [one for one in prepared if one.stale]
    total = sum(one.size for one in prepared) / 1e6
    print(f"{total:9.1f} MB in {len(prepared)} datasets, of which {len(stale)} are stale.")
    chosen = {None: [], "stale": stale, "all": prepared}[args.remove]
    for one in chosen:
        one.remove()
    if args.remove:
        print(f"Removed {len(chosen)} datasets.")


if __name__ == "__main__":
    cli.run(main)
