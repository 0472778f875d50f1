#!/usr/bin/env bash
# Passes on what a program said, so that nothing in it can be a command of the workflow or Markdown that is alive.

show_literally() { # prints a file while commands are stopped, by a token that nobody can guess
  local token
  [ -s "$1" ] || return 0
  token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '::stop-commands::%s\n' "$token"
  head -c 100000 "$1"
  printf '\n::%s::\n' "$token"
}

annotate_failure() { # one annotation with the first lines of a file
  local text
  text=$(head -c 2000 "$1" | tr -d '\000')
  text=${text//'%'/%25}
  text=${text//$'\r'/%0D}
  text=${text//$'\n'/%0A}
  printf '::error title=Gatekeeper could not check::%s\n' "${text:-nothing was said}"
}

summary_of_failure() { # the first lines of a file as a block of code, which is indented and so cannot be closed
  printf '**Gatekeeper could not check this change.**\n\n'
  head -c 20000 "$1" | tr -d '\000' | tr '\r\v\f' '   ' | sed 's/^/    /'
  printf '\n'
}
