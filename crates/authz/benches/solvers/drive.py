"""Asks one solver every script of a list, each under a limit, and prints what came of it.

Arguments: the solver's name, the limit in milliseconds of processor time, a file that lists scripts.
One line of output each: the microseconds of processor time from reading to answering, and the answer.
Each script has a process of its own, which the limit ends and whose end harms no other.
"""

import os
import resource
import signal
import sys
import time

MEMORY = 6 * 1024**3


def cvc5_answer(text):
    import cvc5

    solver = cvc5.Solver(cvc5.TermManager())
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


def z3_answer(text):
    import z3

    solver = z3.Solver(ctx=z3.Context())
    solver.from_string(text)
    return str(solver.check())


def ask(answer_of, path, limit, out):
    """In a process of its own: writes the line and ends."""
    text = open(path).read()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    start = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, limit / 1000)
    try:
        answer = answer_of(text)
    except Exception as error:
        answer = "error " + " ".join(str(error).split())[:200]
    micros = int((time.process_time() - start) * 1_000_000)
    os.write(out, f"{micros} {answer}".encode())
    os._exit(0)


def line(answer_of, path, limit):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        ask(answer_of, path, limit, write)
    os.close(write)
    with os.fdopen(read) as answers:
        said = answers.read()
    _, status = os.waitpid(child, 0)
    if said:
        return said
    ended = "timeout" if os.WTERMSIG(status) == signal.SIGPROF else "down"
    return f"{limit * 1000} {ended}"


def main():
    name, limit, listed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    # Loaded once, so that no script waits for it.
    __import__(name)
    answer_of = {"cvc5": cvc5_answer, "z3": z3_answer}[name]
    for path in open(listed).read().split("\n"):
        if path:
            print(line(answer_of, path, limit), flush=True)


main()
