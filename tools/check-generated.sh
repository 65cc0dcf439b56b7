#!/usr/bin/env bash
# check-generated.sh: fails if the *_templ.go files are not what their *.templ
# files make, or docs/commands.md and docs/settings.md not what the program says.
# They are right afterwards; commit them.
set -euo pipefail
cd "$(dirname "$0")/.."

sums() { find templates web docs/commands.md docs/settings.md \( -name '*_templ.go' -o -name '*.md' \) -print0 | sort -z | xargs -0 -r sha256sum; }

before=$(sums)
go tool templ generate
go test ./cmd/hackfest -run TestReferencesAreUpToDate -update >/dev/null
if ! changed=$(diff <(echo "$before") <(sums)); then
  echo "These generated files were out of date or missing, and have been made anew:"
  sed -n 's/^[<>] [0-9a-f]*  //p' <<<"$changed" | sort -u
  exit 1
fi
