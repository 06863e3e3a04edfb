#!/usr/bin/python3
"""Runs the queries of docs/run-folder.md on the run folder given and prints their output, a line of dashes after each."""
import re
import sys

documentation, folder = sys.argv[1:]
with open(documentation, encoding="utf-8") as file:
    for code in re.findall(r"```python\n(.*?)```", file.read(), re.DOTALL):
        exec(code.replace("RUN/", folder + "/"), {})
        print("-----")
