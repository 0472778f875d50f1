#!/usr/bin/env bash
# Judges, and exits with the verdict. No token is in this process nor in any that it starts.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/said.sh"
room=$RUNNER_TEMP/gatekeeper
report=$room/report.json
errors=$room/errors.txt
rm -f "$report" "$room/failure.md"

words() { # the words of a list that is separated by blanks, commas or line ends, one a line
  tr -s ', \t\r\n' '\n' <<<"$1" | sed '/^$/d'
}

options=(-C "$FOLDER" --format json --output "$report")
if [ -n "$BASE" ]; then
  options+=("--base=$BASE")
else
  options+=(--github)
fi
while IFS= read -r gate; do options+=("--gate=$gate"); done < <(words "$GATES")
while IFS= read -r mode; do options+=("--mode=$mode"); done < <(words "$MODES")

code=0
"$room/venv/bin/python" -I -m gatekeeper run "${options[@]}" 2>"$errors" || code=$?
show_literally "$errors"

# Written anew, not added to: the tests of the change have run, and the file is theirs to write as well.
outputs=$(printf 'verdict=could_not_check\nexit=%s' "$code")
if [ -f "$report" ]; then
  outputs=$("$room/venv/bin/python" -I -m gatekeeper render "$report" --as outputs) || code=3
elif [ "$code" -eq 0 ]; then
  code=3 # nothing says what passed
fi
printf '%s\n' "$outputs" >"$GITHUB_OUTPUT"
if [ ! -f "$report" ]; then
  annotate_failure "$errors"
  summary_of_failure "$errors" >"$room/failure.md"
fi
exit "$code"
