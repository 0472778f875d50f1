#!/usr/bin/env bash
# Posts the report. Whether that works changes no verdict, and what goes wrong is said in the log.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/said.sh"
said=$RUNNER_TEMP/gatekeeper/published.txt
code=0
"$RUNNER_TEMP/gatekeeper/venv/bin/python" -I -m gatekeeper publish \
  "--report=$REPORT" "--comment=$COMMENT" "--id=$ID" "--check-run=${CHECK_RUN:-}" "--app=${APP:-}" >"$said" 2>&1 || code=$?
show_literally "$said"
exit "$code"
