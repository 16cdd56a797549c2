"""json_schema.py [--lines] SCHEMA FILE...: files, or each of their lines, against a JSON Schema, by jsonschema."""
import json
import sys

import jsonschema

lines = sys.argv[1] == "--lines"
schema_path, *files = sys.argv[2 if lines else 1 :]
with open(schema_path, encoding="utf-8") as file:
    schema = json.load(file)
if not isinstance(schema, dict):
    sys.exit(f"{schema_path}: not a schema, but {schema!r}")
kind = jsonschema.validators.validator_for(schema)
kind.check_schema(schema)
validator = kind(schema)
wrong = 0
for path in files:
    with open(path, encoding="utf-8") as file:
        documents = [json.loads(line) for line in file] if lines else [json.load(file)]
    for number, document in enumerate(documents, 1):
        for error in validator.iter_errors(document):
            wrong += 1
            if wrong <= 20:
                print(f"{path}:{number if lines else ''} {error.json_path}: {error.message[:300]}")
    print(f"{path}: {len(documents)} documents")
print(f"{wrong} violations")
sys.exit(wrong > 0)
