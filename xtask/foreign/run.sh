#!/usr/bin/env bash
# Puts every certificate of the sound example to tools that know nothing of this project: a DRAT
# checker, the propagation of a SAT solver, and two SMT solvers. Needs Python with pip; where the
# tools cannot be installed it says so and ends well. Takes a directory of certificates, or makes
# one. `SAMPLE=20` looks at every twentieth lemma only.
set -euo pipefail
cd "$(dirname "$0")/../.."

work="${CARGO_TARGET_DIR:-target}/foreign"
python="$work/venv/bin/python"
if [ ! -x "$python" ]; then
    mkdir -p "$work"
    if ! { python3 -m venv "$work/venv" &&
        timeout 300 "$python" -m pip install --quiet --disable-pip-version-check \
            -r xtask/foreign/requirements.txt; }; then
        rm -rf "$work/venv"
        echo "the outside checkers cannot be installed here: nothing was checked by them"
        exit 0
    fi
fi

proofs="${1:-}"
if [ -z "$proofs" ]; then
    proofs="$work/proofs"
    rm -rf "$proofs"
    cargo run --quiet -- check examples/acme --certificate "$proofs" > /dev/null
fi
"$python" xtask/foreign/check.py "$proofs" "${SAMPLE:-1}"
