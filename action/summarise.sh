#!/usr/bin/env bash
# Adds what the run came to to the summary of the job.
set -euo pipefail
room=$RUNNER_TEMP/gatekeeper
if [ -n "$REPORT" ]; then
  "$room/venv/bin/python" -I -m gatekeeper render "$REPORT" --as summary >>"$GITHUB_STEP_SUMMARY"
elif [ -f "$room/failure.md" ]; then
  cat "$room/failure.md" >>"$GITHUB_STEP_SUMMARY"
fi
