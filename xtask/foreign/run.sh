#!/usr/bin/env bash
# Puts certificates to tools that know nothing of this project: a DRAT checker, the propagation of a
# SAT solver, and two SMT solvers; and asks the two some whole questions about policies as well. Needs
# Python with pip; where the tools cannot be installed it says so and ends well. Takes a directory of
# certificates; without one, those of the sound example, and those of random questions over every kind
# of attribute. `SAMPLE=20` looks at every twentieth lemma of the latter only.
set -euo pipefail
cd "$(dirname "$0")/../.."

work="$(realpath -m "${CARGO_TARGET_DIR:-target}")/foreign"
python="$work/venv/bin/python"
if [ ! -x "$python" ]; then
    mkdir -p "$work"
    if ! { python3 -m venv "$work/venv" &&
        timeout 180 "$python" -m pip install --quiet --disable-pip-version-check \
            --timeout 15 --retries 1 -r xtask/foreign/requirements.txt; }; then
        rm -rf "$work/venv"
        echo "the outside checkers cannot be installed here: nothing was checked by them"
        exit 0
    fi
fi

if [ -n "${1:-}" ]; then
    exec "$python" xtask/foreign/check.py "$1" "${SAMPLE:-1}"
fi
rm -rf "$work/proofs" "$work/random"
echo "the sound example:"
cargo run --quiet -- check examples/acme --certificate "$work/proofs" > /dev/null
"$python" xtask/foreign/check.py "$work/proofs" 1
echo "random questions:"
KEEP_CERTIFICATES="$work/random" cargo test --quiet --package cofferdam-logic \
    --test certificates every_refutation > /dev/null
"$python" xtask/foreign/check.py "$work/random" "${SAMPLE:-1}"
echo "questions about policies (\`cargo bench -p cofferdam-authz --bench solvers\` asks hundreds):"
cargo test --quiet --package cofferdam-authz --bench solvers -- \
    --quick --each 4 --limit 500 --z3-every 3
