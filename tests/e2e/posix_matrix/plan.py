"""Where the cells' scenes are put in one directory, what is done there in which order, and what must come of it.

Cells that change nothing share a scene with those that have the same; each of the others has one of its own.
"""

import dataclasses

from .model import Call, Fails, World

# Which arguments of a call are paths; of all others, the first.
PATHS = {"link": (1, 2), "rename": (1, 2), "symlink": (2,)}


def put(path, number):
    """A path of a cell as it is in scene `number`. All have the same length."""
    first, slash, rest = path.partition("/")
    if first.startswith("c") and slash:
        return f"{first}/{put(rest, number)}"
    return f"{first}{number:06}{slash}{rest}" if first in ("d", "e") else path


def put_call(call, number):
    return [put(argument, number) if i in PATHS.get(call[0], (1,)) else argument for i, argument in enumerate(call)]


def put_scene(scene, number):
    return [dataclasses.replace(item, path=put(item.path, number), target=put(item.target, number) if item.kind == "same" else item.target)
            for item in scene]


def outcome(cell, rules):
    """What must come of it: the error or "", and what is seen after it."""
    world = World(put_scene(cell.scene, 0))
    name, *arguments = put_call(cell.call, 0)
    error = ""
    try:
        getattr(Call(world, cell.user, rules), name)(*arguments)
    except Fails as failed:
        error = str(failed)
    return [error, world.look([put(path, 0) for path in cell.watched])]


def changes(cell, seen):
    """Whether anything is other than it was."""
    there, made = seen[:len(cell.there)], seen[len(cell.there):]
    return any(made) or any(one is None or one[:3] != [i, "same", "same"] for i, one in enumerate(there))


class Plan:
    def __init__(self, cells, rules):
        """`rules`: those by which cells share scenes; they need not be those by which they are judged."""
        self.scenes, self.cells, shared = [], [], {}
        for cell in cells:
            key = None if cell.unseen or changes(cell, outcome(cell, rules)[1]) else cell.scene
            if key is None or key not in shared:
                shared[key] = len(self.scenes)
                self.scenes.append(cell.scene)
                self.cells.append([])
            self.cells[shared[key]].append(cell)

    def items(self):
        """Everything that must be there beforehand, directories before what is in them."""
        chain = {item for scene in self.scenes for item in scene if item.path.startswith("c")}
        tops = list(chain)
        for number, scene in enumerate(self.scenes):
            tops += put_scene([item for item in scene if not item.path.startswith("c")], number)
        return tops

    def rows(self):
        """For guest/posix_cells.py: of each scene the paths that are there, who does what, and whether it is unseen until then."""
        for number, cells in enumerate(self.cells):
            there = [put(path, number) for path in cells[0].there]
            yield [there, [[[cell.user.uid, cell.user.gid, cell.user.groups], put_call(cell.call, number), put(cell.new, number)] for cell in cells],
                   cells[0].unseen]

    def judge(self, results, rules_of):
        """[(cell, wanted, got)] of those that differ; results as guest/posix_cells.py gives them, rules_of(cell) what it is judged by."""
        cells = [cell for one in self.cells for cell in one]
        if len(results) != len(cells):
            raise AssertionError(f"{len(results)} results of {len(cells)} cells")
        wanted = (outcome(cell, rules_of(cell)) for cell in cells)
        return [(cell, want, got) for cell, want, got in zip(cells, wanted, results) if want != got]
