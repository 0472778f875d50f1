#!/usr/bin/env bash
# Writes what this run of the default branch remembers into a file, for the step that keeps it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/said.sh"
room=$RUNNER_TEMP/gatekeeper
place=$(mktemp -d "$room/memory-XXXXXX")
file=$place/gatekeeper-memory.tgz

code=0
"$room/venv/bin/python" -I -m gatekeeper cache export -C "$FOLDER" --megabytes 50 "$file" \
  >"$place/said.txt" 2>&1 || code=$?
show_literally "$place/said.txt"
if [ "$code" = 0 ]; then
  printf 'file=%s\n' "$file" >"$GITHUB_OUTPUT"
fi
exit "$code"
