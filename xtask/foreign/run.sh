#!/usr/bin/env bash
# Puts certificates to tools that know nothing of this project: a DRAT checker, the propagation of a
# SAT solver, and two SMT solvers; and asks the two some whole questions about policies as well. Holds
# the formats of other tools against the schemas published for them. Needs Python with pip, and npm for
# one of the schemas; where the tools cannot be installed it says so and ends well. Takes a directory of
# certificates; without one, those of the sound example, and those of random questions over every kind
# of attribute. `SAMPLE=20` looks at every twentieth lemma of the latter only.
set -euo pipefail
cd "$(dirname "$0")/../.."

work="$(realpath -m "${CARGO_TARGET_DIR:-target}")/foreign"
python="$work/venv/bin/python"
if [ ! -x "$python" ] || ! cmp -s xtask/foreign/requirements.txt "$work/venv/requirements.txt"; then
    rm -rf "$work/venv"
    mkdir -p "$work"
    if ! { python3 -m venv "$work/venv" &&
        timeout 180 "$python" -m pip install --quiet --disable-pip-version-check \
            --timeout 15 --retries 1 -r xtask/foreign/requirements.txt; }; then
        rm -rf "$work/venv"
        echo "the outside checkers cannot be installed here: nothing was checked by them"
        exit 0
    fi
    cp xtask/foreign/requirements.txt "$work/venv/requirements.txt"
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

echo "formats of other tools:"
schemas="$work/schemas"
mkdir -p "$schemas" "$work/formats"
if [ ! -f "$schemas/sarif-2.1.0.json" ] && command -v npm > /dev/null; then
    (cd "$schemas" && timeout 60 npm pack --silent @microsoft/jest-sarif@1.0.0-beta.0 > /dev/null &&
        tar -xzf microsoft-jest-sarif-*.tgz &&
        cp package/lib/schemas/sarif-2.1.0-*.json sarif-2.1.0.json) || true
fi
if ! ls "$schemas"/pytest-*.tar.gz > /dev/null 2>&1; then
    timeout 120 "$python" -m pip download --quiet --disable-pip-version-check --no-deps \
        --no-binary :all: --dest "$schemas" pytest==9.2.0 || true
fi
product=arn:aws:securityhub:eu-west-1:100000000003:product/100000000003/default
outputs=()
for format in sarif junit ocsf asff github; do
    outputs+=(--output "$format=$work/formats/$format")
done
leaky=0
cargo run --quiet -- check examples/acme-leaky --quiet --product-arn "$product" "${outputs[@]}" \
    > /dev/null || leaky=$?
[ "$leaky" = 1 ] || { echo "check examples/acme-leaky ended with $leaky in place of 1"; exit 1; }
"$python" xtask/foreign/formats.py "$work/formats" "$schemas"
