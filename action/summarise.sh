#!/usr/bin/env bash
# Adds what the run came to to the summary of the job.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/said.sh"
said=$RUNNER_TEMP/gatekeeper/summarised.txt
code=0
if [ -n "$REPORT" ]; then
  "$RUNNER_TEMP/gatekeeper/venv/bin/python" -I -m gatekeeper render "$REPORT" --as summary \
    >>"$GITHUB_STEP_SUMMARY" 2>"$said" || code=$?
  show_literally "$said"
elif [ -f "$PLACE/failure.md" ]; then
  cat "$PLACE/failure.md" >>"$GITHUB_STEP_SUMMARY"
fi
exit "$code"
