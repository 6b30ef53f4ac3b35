#!/usr/bin/python3 -I
# SPDX-License-Identifier: GPL-2.0
"""schema.py DIRECTORY: holds the JSON documents on stdin, one after the other, against the schemas
in the directory, each against that of its "object". Says what does not fit, or how many there were
of each object; exits with 1 if one does not, or there were none.
"""
import json
import pathlib
import sys

import jsonschema
import referencing


def documents(text):
    decoder, at = json.JSONDecoder(), 0
    while text := text[at:].lstrip():
        document, at = decoder.raw_decode(text)
        yield document


schemas = {path.stem: json.loads(path.read_text()) for path in pathlib.Path(sys.argv[1]).glob("*.json")}
for schema in schemas.values():
    jsonschema.Draft202012Validator.check_schema(schema)
registry = referencing.Registry().with_resources(
    (schema["$id"], referencing.Resource.from_contents(schema)) for schema in schemas.values())
validators = {name: jsonschema.Draft202012Validator(schema, registry=registry)
              for name, schema in schemas.items() if name != "common"}
seen, misfits = {}, 0
for document in documents(sys.stdin.read()):
    name = document.get("object")
    if name not in validators:
        misfits += 1
        print(f"no schema of {name!r}")
        continue
    seen[name] = seen.get(name, 0) + 1
    error = jsonschema.exceptions.best_match(validators[name].iter_errors(document))
    if error:
        misfits += 1
        print(f"{name}: {error.json_path}: {error.message[:200]}")
if not misfits:
    print(*(f"{name} {count}" for name, count in sorted(seen.items())), sep=", ")
sys.exit(misfits > 0 or not seen)
