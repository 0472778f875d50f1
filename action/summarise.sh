#!/usr/bin/env bash
# Adds what the run came to to the summary of the job.
set -euo pipefail
if [ -n "$REPORT" ]; then
  "$RUNNER_TEMP/gatekeeper/venv/bin/python" -I -m gatekeeper render "$REPORT" --as summary >>"$GITHUB_STEP_SUMMARY"
elif [ -f "$PLACE/failure.md" ]; then
  cat "$PLACE/failure.md" >>"$GITHUB_STEP_SUMMARY"
fi
