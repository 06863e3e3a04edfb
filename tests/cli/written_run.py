"""A run folder written by Python, with the tables that src/store/schema.cpp declares: known outcomes without a model."""

import json
import pathlib
import re
import sqlite3

SOURCES = pathlib.Path(__file__).resolve().parents[2]


def write_run(folder, classes, items, variants, models, outcome, configuration=None, pictures=()):
    """items: (id, label) with labels as numbers; variants: (text, keeps) without clean; models: dictionaries;
    outcome(item, model, variant) -> number of the predicted class. A block holds all."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    schema = re.search(r'R"sql\((.*?)\)sql"', (SOURCES / "src/store/schema.cpp").read_text(), re.S).group(1)
    version = re.search(r"kRunSchemaVersion = (\d+)",
                        (SOURCES / "include/cuebench/store/run_store.hpp").read_text()).group(1)
    database = sqlite3.connect(folder / "run.sqlite")
    database.executescript(schema)
    database.execute("PRAGMA application_id=%d" % 0x43756542)
    database.execute(f"PRAGMA user_version={version}")

    def insert(table, **values):
        database.execute(f"INSERT INTO {table}({','.join(values)}) VALUES ({','.join('?' * len(values))})",
                         tuple(values.values()))

    insert("run", configuration=json.dumps(configuration or {"data": "d" * 64, "seed": 0}), block_size=len(items),
           has_cues=0)
    for number, name in enumerate(classes):
        insert("classes", **{"class": number, "name": name})
    for number, model in enumerate(models):
        known = {"role": "", "architecture": "", "file": "", "sha256": "", "way": "none", "classes": len(classes),
                 "parameters": 0}
        insert("models", model=number, **{**known, **model})
    for number, (text, keeps) in enumerate([("clean", "both"), *variants]):
        insert("variants", variant=number, name=text, keeps=keeps)
    for number, (name, label) in enumerate(items):
        insert("items", item=number, id=name, label=label)
    insert("blocks", block=0)
    for variant in range(len(variants) + 1):
        for model in range(len(models)):
            for item, (_, label) in enumerate(items):
                predicted = outcome(item, model, variant)
                insert("outcomes", variant=variant, model=model, item=item, predicted=predicted, confidence=0.75,
                       rank_of_label=1 if predicted == label else 2, negative_log_likelihood=0.5, margin=0.25)
    for item, variant, png in pictures:
        insert("pictures", item=item, variant=variant, png=png)
    database.commit()
    database.close()
    return folder
