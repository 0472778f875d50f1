#!/usr/bin/env bash
# Installs Gatekeeper from the folder of the action ($1) into an environment that nothing else uses. The lock names every
# package to the last byte, so the commit of the action says all that will run.
set -euo pipefail
source=$1
room=$RUNNER_TEMP/gatekeeper

for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
  # -I: the folder of the change is the current one, and what lies there is not to be imported
  if "$candidate" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "${python:-}" ]; then
  echo "::error title=Gatekeeper could not check::Gatekeeper itself needs Python 3.11 or newer on the PATH; add a step" \
    "with actions/setup-python. The project may keep its own: name it with the input \`python\`."
  exit 3
fi

rm -rf "$room/venv"
mkdir -p "$room"
"$python" -I -m venv "$room/venv"
pip=("$room/venv/bin/python" -I -m pip --disable-pip-version-check --no-input install --quiet)
"${pip[@]}" --require-hashes --only-binary=:all: --requirement "$source/requirements.lock"
"${pip[@]}" --no-deps --no-build-isolation --no-index "$source"
"$room/venv/bin/python" -I -m gatekeeper --version
