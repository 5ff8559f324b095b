#!/bin/sh
# Measures decisions a second, and the same cases on peers in the same run. Needs cargo, node, npm.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out="${1:-$here/out}"
cd "$here"
npm install --no-audit --no-fund --silent
cargo bench --quiet --package cofferdam-authz --bench decide -- --out "$out"
node run.mjs "$out"
