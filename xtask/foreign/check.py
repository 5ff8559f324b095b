"""Puts certificates to tools that know nothing of Cofferdam, and says what they answer.

Proofs go to a DRAT checker and, step by step, to the unit propagation of a SAT solver. Lemmas go to
two SMT solvers, which must find the opposite of the lemma unsatisfiable. Each script has a time
limit: cvc5 must answer within it, z3 may not know, and need not read a function that it lacks.
"""

import hashlib
import pathlib
import statistics
import sys
import time

import cvc5
import z3
from dratify import check_proof, parse_dimacs
from pysat.solvers import Solver

LIMIT_MS = 10_000
UNREAD = "not read"


def drat(clauses, proof):
    return check_proof(parse_dimacs(clauses), proof).ok


def propagation(clauses, proof):
    """Each step follows if its opposite runs into a contradiction by propagation alone."""
    lines = [[int(word) for word in line.split()[:-1]] for line in clauses.splitlines()[1:]]
    steps = [[int(word) for word in line.split()[:-1]] for line in proof.splitlines()]
    with Solver(name="minisat22") as solver:
        consistent = all([solver.add_clause(line, no_return=False) for line in lines])
        for step in steps:
            if not consistent:
                return True
            holds, _ = solver.propagate(assumptions=[-literal for literal in step])
            if holds:
                return False
            consistent = solver.add_clause(step, no_return=False) and bool(step)
        return not consistent


def by_cvc5(script):
    solver = cvc5.Solver()
    solver.setOption("tlimit-per", str(LIMIT_MS))
    solver.setOption("strings-exp", "true")
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "lemma")
    answer = "none"
    while True:
        command = parser.nextCommand()
        if command.isNull():
            return answer
        answer = command.invoke(solver, parser.getSymbolManager()).strip() or answer


def by_z3(script):
    solver = z3.Solver()
    solver.set("timeout", LIMIT_MS)
    try:
        solver.from_string(script)
    except z3.Z3Exception:
        return UNREAD  # it has no str.to_lower, which a text without regard to case needs
    return str(solver.check())


def main(directory, sample):
    proofs = sorted(pathlib.Path(directory).rglob("proof.drat"))
    wrong = 0
    for name, check in [("dratify", drat), ("minisat propagation", propagation)]:
        refused = [
            path
            for path in proofs
            if not check((path.parent / "clauses.cnf").read_text(), path.read_text())
        ]
        wrong += len(refused)
        print(f"{name}: {len(proofs) - len(refused)} of {len(proofs)} proofs accepted")
        for path in refused:
            print(f"  refused: {path}")
    scripts = {}
    for path in sorted(pathlib.Path(directory).rglob("*.smt2")):
        text = path.read_text()
        scripts.setdefault(hashlib.sha256(text.encode()).hexdigest(), (path, text))
    chosen = list(scripts.values())[::sample]
    for name, solve, enough in [("cvc5", by_cvc5, []), ("z3", by_z3, ["unknown", UNREAD])]:
        answers, times = {}, []
        for path, text in chosen:
            start = time.perf_counter()
            answer = solve(text)
            times.append(1000 * (time.perf_counter() - start))
            answers[answer] = answers.get(answer, 0) + 1
            if answer not in ["unsat", *enough]:
                wrong += 1
                print(f"  {answer}: {path}")
        counts = ", ".join(f"{count} {answer}" for answer, count in sorted(answers.items()))
        middle = statistics.median(times) if times else 0
        print(f"{name}: {len(chosen)} lemmas, {counts or 'none'}; median {middle:.1f} ms, "
              f"longest {max(times, default=0):.0f} ms")
    if not proofs or not chosen:
        print("there is nothing to check")
        wrong += 1
    return 1 if wrong else 0


sys.exit(main(sys.argv[1], int(sys.argv[2])))
