#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the graph of a Python program's live objects to a file.

Either from within the program,

    import dump_heap
    dump_heap.write("program.heap")

or around it; the heap is then written as the program ends, however it ends:

    python3 dump_heap.py -o program.heap script.py ARGUMENT...
    python3 dump_heap.py -o program.heap -m module ARGUMENT...

What is written are the names of types, and per object its type, its size in bytes and
the objects that it refers to; no content of any object. Objects are all that the garbage
collector tracks and all that these refer to, but for this script's own. The roots are the
objects with more references than those from other objects: of frames, of the interpreter
and of C code. Python >= 3.11, standard library only.

The file, version 1. A number is a LEB128 varint of up to 64 bits, in its shortest form.

    magic       8 bytes: 89 'T' 'M' 'H' 'E' 'A' 'P' 0a
    version     number: 1
    types       number of types
    objects     number of objects, below 2^32
    edges       number of edges, below 2^32
    roots       number of roots
    each type   number of bytes, 1 to 1024, and its name in UTF-8
    each object number of its type, counted from 0
                size in bytes, at most 2^32 - 1
                number of its edges
                the objects it refers to, counted from 0, in rising order; an object that
                is referred to twice is there twice:
                the first less the object's own number, zigzag (0, -1, 1, -2 as 0, 1, 2, 3);
                each of the others less the one before it
    each root   in rising order, each once: the first; the others less the one before
    checksum    4 bytes, little-endian: CRC-32 (as zlib's) of all bytes before
"""

import array
import binascii
import gc
import os
import sys
import tempfile

MAGIC = b"\x89TMHEAP\n"
VERSION = 1
LONGEST_NAME = 1024
LARGEST_SIZE = 2**32 - 1


def write(path):
    """Writes the heap of this process to `path`; all of it, or nothing."""
    gc.collect()
    enabled = gc.isenabled()
    gc.disable()
    try:
        content = _encode(*_survey())
    finally:
        if enabled:
            gc.enable()
    _replace(os.fspath(path), content)


def _survey():
    """(type names; per object: type, size, targets; roots)"""
    objects = gc.get_objects()
    own = _own_objects()
    own.add(id(objects))
    objects[:] = [o for o in objects if id(o) not in own]
    number_of = {id(o): number for number, o in enumerate(objects)}
    edges = []
    for o in objects:  # grows as it goes
        targets = array.array("Q")
        for target in gc.get_referents(o):
            if id(target) in own:
                continue
            number = number_of.setdefault(id(target), len(objects))
            if number == len(objects):
                objects.append(target)
            targets.append(number)
        edges.append(targets)

    references = array.array("Q", bytes(8 * len(objects)))
    for targets in edges:
        for target in targets:
            references[target] += 1
    of_survey = _references_of_a_survey()
    names, places = {}, []
    roots = array.array("Q")
    for number, o in enumerate(objects):
        if sys.getrefcount(o) - of_survey > references[number]:
            roots.append(number)
        name = _type_name(type(o))
        place = names.setdefault(name, len(names))
        places.append((place, _size(o), edges[number]))
    return list(names), places, roots


def _references_of_a_survey():
    """How many references such a loop has to an object that nobody else has."""
    objects = [object()]
    for _, o in enumerate(objects):
        return sys.getrefcount(o)


def _own_objects():
    """The ids of what belongs to this script."""
    own = {id(globals())}
    own.update(id(m) for m in list(sys.modules.values())
               if getattr(m, "__dict__", None) is globals())
    own.update(id(o) for o in globals().values() if hasattr(o, "__code__"))
    return own


def _type_name(kind):
    module = kind.__dict__.get("__module__", None)
    name = type.__dict__["__qualname__"].__get__(kind)
    if not isinstance(module, str):
        module = type.__dict__["__module__"].__get__(kind)
    if isinstance(module, str) and module != "builtins":
        name = f"{module}.{name}"
    data = name.encode("utf-8", "replace")[:LONGEST_NAME]
    return data.decode("utf-8", "ignore").encode("utf-8") or b"?"


def _size(o):
    try:
        return min(max(sys.getsizeof(o, 0), 0), LARGEST_SIZE)
    except Exception:  # of a __sizeof__ in Python
        return 0


def _encode(names, objects, roots):
    out = bytearray(MAGIC)

    def put(number):
        while number > 0x7F:
            out.append(number & 0x7F | 0x80)
            number >>= 7
        out.append(number)

    for count in (VERSION, len(names), len(objects),
                  sum(len(targets) for _, _, targets in objects), len(roots)):
        put(count)
    for name in names:
        put(len(name))
        out += name
    for number, (place, size, targets) in enumerate(objects):
        put(place)
        put(size)
        put(len(targets))
        before = None
        for target in sorted(targets):
            if before is None:
                distance = target - number
                put(distance * 2 if distance >= 0 else -distance * 2 - 1)
            else:
                put(target - before)
            before = target
    before = 0
    for root in roots:
        put(root - before)
        before = root
    return out + binascii.crc32(out).to_bytes(4, "little")


def _replace(path, content):
    file, temporary = tempfile.mkstemp(prefix=".dump-heap-",
                                       dir=os.path.dirname(path) or ".")
    try:
        with open(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _refuse(message):
    print(f"dump_heap: {message}", file=sys.stderr)
    sys.exit(2)


def _find_script(path):
    """(code, file name)"""
    try:
        with open(path, "rb") as stream:
            return compile(stream.read(), path, "exec"), path
    except (OSError, SyntaxError, ValueError) as error:
        _refuse(f"{path!r} cannot be run: {error}; name a Python script")


def _find_module(name):
    """(code, file name, module spec)"""
    import importlib.util

    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = importlib.util.find_spec(name + ".__main__")
        code = None if spec is None else spec.loader.get_code(spec.name)
    except (ImportError, AttributeError, ValueError, SyntaxError) as error:
        _refuse(f"module {name!r} cannot be run: {error}; name a Python module")
    if code is None:
        _refuse(f"no module {name!r} that can be run; name a Python module")
    return code, spec.origin, spec


def _parse_arguments():
    """(output, module or None, script or None, arguments of the program)"""
    words = sys.argv[1:]
    if words in (["-h"], ["--help"]):
        print(__doc__)
        sys.exit()
    if len(words) < 3 or words[0] != "-o":
        _refuse("what to run, and where to write? as in: "
                "dump_heap.py -o FILE (SCRIPT | -m MODULE) [ARGUMENT...]")
    if words[2] != "-m":
        return words[1], None, words[2], words[3:]
    if len(words) < 4:
        _refuse("-m: name a module")
    return words[1], words[3], None, words[4:]


def _main():
    output, module, script, arguments = _parse_arguments()
    own = sys.modules["__main__"]
    program = type(sys)("__main__")
    program.__builtins__ = __builtins__
    if module is None:
        code, program.__file__ = _find_script(script)
        sys.path[0] = os.path.dirname(os.path.abspath(script))
        sys.argv[:] = [script, *arguments]
    else:
        sys.path[0] = os.getcwd()
        code, program.__file__, program.__spec__ = _find_module(module)
        program.__package__ = program.__spec__.parent
        sys.argv[:] = [program.__file__, *arguments]
    sys.modules["__main__"] = program
    try:
        exec(code, program.__dict__)
    finally:
        try:
            write(output)
        except OSError as error:
            _refuse(f"{output!r} cannot be written: {error.strerror}; "
                    "name a file in a folder that is there")
        finally:
            sys.modules["__main__"] = own


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        _refuse("needs Python 3.11 or newer")
    _main()
