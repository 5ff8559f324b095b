"""Asks one solver every script of a list, each under a limit, and prints what came of it.

Arguments: the solver's name, the limit in milliseconds, a file that lists scripts. One line of
output each: the answer and the microseconds of processor time from reading to answering.
"""

import resource
import sys
import time

MEMORY = 6 * 1024**3


def cvc5_answer(text, limit):
    import cvc5

    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("tlimit-per", str(limit))
    solver.setOption("strings-exp", "true")
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "question")
    symbols = parser.getSymbolManager()
    answer = "unknown"
    while not (command := parser.nextCommand()).isNull():
        said = command.invoke(solver, symbols).strip()
        if said:
            answer = said
    return answer


def z3_answer(text, limit):
    import z3

    solver = z3.Solver(ctx=z3.Context())
    solver.set("timeout", limit)
    solver.from_string(text)
    return str(solver.check())


def main():
    name, limit, listed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    answer_of = {"cvc5": cvc5_answer, "z3": z3_answer}[name]
    for path in open(listed).read().split():
        text = open(path).read()
        start = time.process_time()
        try:
            answer = answer_of(text, limit)
        except Exception as error:
            answer = "error " + " ".join(str(error).split())[:200]
        micros = int((time.process_time() - start) * 1_000_000)
        print(f"{micros} {answer}", flush=True)


main()
