#!/usr/bin/env bash
# Judges, and exits with the verdict. No token is in this process nor in any that it starts.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/said.sh"
room=$RUNNER_TEMP/gatekeeper
place=$(mktemp -d "$room/run-XXXXXX") # of its own: a job may use the action more than once
report=$place/report.json
errors=$place/errors.txt

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
outputs=
if [ -f "$report" ]; then
  outputs=$("$room/venv/bin/python" -I -m gatekeeper render "$report" --as outputs 2>>"$errors") || outputs=
fi
show_literally "$errors"
if [ -z "$outputs" ]; then
  case $code in
    0) code=3 verdict=could_not_check ;; # nothing says what passed
    1) verdict=blocked ;;
    2) verdict=usage ;;
    *) verdict=could_not_check ;;
  esac
  outputs=$(printf 'verdict=%s\nexit=%s' "$verdict" "$code")
  annotate_failure "$errors"
  summary_of_failure "$errors" >"$place/failure.md"
fi
# The tests of the change have run, and could find these files: whatever they wrote for the next steps is thrown away.
for file in "$GITHUB_OUTPUT" "${GITHUB_ENV:-}" "${GITHUB_PATH:-}" "${GITHUB_STEP_SUMMARY:-}"; do
  if [ -n "$file" ]; then : >"$file"; fi
done
printf '%s\nplace=%s\n' "$outputs" "$place" >"$GITHUB_OUTPUT"
exit "$code"
