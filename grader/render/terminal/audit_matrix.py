"""Print an audit: each wrong answer with its diagnosis and the checks that fail it, and each check with the answers that it
fails."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.text import Text

from grader.audit.audit import Audit, Finding
from grader.audit.author_pass import AuthorPass
from grader.audit.kit_names import ENOUGH, KitNames, too_few
from grader.audit.mutation_testing import MutationResult
from grader.check_files.check_outline import CheckOutline, Origin
from grader.diagnosis.structure import needs_no_list
from grader.grading.report import WRONG
from grader.render.terminal.terminal import explanation
from grader.render.terminal.text_layout import aligned, heading, indented
from grader.render.words import points
from grader.toolkit.text import one_line, plural


def render_audit(audits: Sequence[Audit], console: Console) -> None:
    """Print the matrix of every section, then the sum, then the reasons why the audit fails."""
    for audit in audits:
        _section(audit, console)
    mistakes = [finding for audit in audits for finding in audit.of("mistake")]
    killed = sum(bool(finding.killers) for finding in mistakes)
    own = sum(finding.diagnosed for finding in mistakes)
    structural = sum(needs_no_list(finding.diagnosis) and not finding.diagnosed for finding in mistakes)
    variants = [finding for audit in audits for finding in audit.of("variant")]
    full = sum(not finding.problems for finding in variants)
    adversaries = [finding for audit in audits for finding in audit.of("adversary")]
    console.print()
    console.print(Text(f"{plural(len(mistakes), 'mistake')}: {killed} killed, {own} get their own diagnosis", "bold"))
    console.print(f"  ({_percent(own, len(mistakes))}), {structural} others one from their numbers alone.")
    console.print(f"{plural(len(variants), 'variant')}: {full} with all points.")
    nothing = sum(not finding.problems for finding in adversaries)
    made = sum(audit.adversaries for audit in audits)
    console.print(f"{len(adversaries)} of {made} adversaries: {nothing} with no points.")
    if len(adversaries) < made:
        console.print("  All of them, and long checks on every mistake: grade audit --thorough", soft_wrap=True)
    render_stumbles([finding for audit in audits for finding in audit.findings], console)
    render_problems([finding for audit in audits for finding in audit.findings], console)


def render_kit_names(found: Sequence[KitNames], console: Console) -> None:
    """Print how many mistakes a student kit names, by exercise, then the errors of the kit."""
    rows = [(Text("exercise", "bold"), Text("named in a kit", "bold"), Text("not named", "bold"))]
    for one in found:
        for exercise, names in one.names.items():
            missing = [slug for slug, name in names.items() if not name]
            rows.append((Text(exercise), Text(f"{len(names) - len(missing)} of {len(names)}"), _few(missing)))
    console.print(_indented(aligned(rows, right=(1,))), soft_wrap=True)
    count, named = (sum(part) for part in zip(*[(one.count, one.named) for one in found], strict=True))
    size = sum(one.size for one in found) / 1000
    console.print(
        Text(f"A student kit names {named} of {plural(count, 'mistake')} ({_percent(named, count)}).", "bold")
    )
    console.print(f"  It holds {size:.0f} kB for this.")
    if too_few(found):
        console.print(Text(f"  Expected at least {100 * ENOUGH:.0f} %. Write checks with other calls.", "red"))
    for one in found:
        for problem in one.problems:
            console.print(Text(f"  {one.section.id}: {problem}", "red"), soft_wrap=True)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "none"


def _section(audit: Audit, console: Console) -> None:
    console.print()
    console.print(Text(heading(audit.section.label, audit.section.topic), "bold"))
    for finding in audit.of("solution") + audit.of("variant"):
        report = finding.report
        score = f"{points(report.points)} / {points(report.max_points)}"
        name = f" {finding.answer.name}" if finding.answer.kind == "variant" else ""
        console.print(Text(f"  {finding.answer.kind}{name}: {score}"), soft_wrap=True)
    if {one.answer.kind for one in audit.findings} == {"solution"}:
        console.print(Text("  No other answer was tried: first let each check of the solution end.", "red"))
        return
    render_matrix(audit, console)
    console.print(_indented(_adversaries(audit)), soft_wrap=True)
    rows = [(Text("check", "bold"), Text("kills", "bold"), Text("alone", "bold"))]
    for check in [one for one in audit.section.check_list if one.origin is not Origin.PREDICTION]:
        alone = [name.partition(".")[2] for name in audit.killed_only_by(check.id)]
        rows.append((Text(check.id), _kills(audit, check), _few(alone)))
    console.print(_indented(aligned(rows, right=(1,))), soft_wrap=True)


def render_matrix(audit: Audit, console: Console) -> None:
    """Print the mistakes with the diagnosis that each gets and the checks that fail it."""
    rows = [(Text("mistake", "bold"), Text("diagnosis", "bold"), Text("killed by", "bold"))]
    for finding in audit.of("mistake"):
        name = Text(f"{finding.answer.exercise}.{finding.answer.name}")
        rows.append((name, _diagnosis(finding), Text(", ".join(finding.killers) or "nothing")))
    if len(rows) > 1:
        console.print(_indented(aligned(rows)), soft_wrap=True)


def _adversaries(audit: Audit) -> Text:
    """A row for each adversary: the number of exercises, and its points in each exercise where it earned any."""
    rows = [(Text("adversary", "bold"), Text("exercises", "bold"), Text("earns", "bold"))]
    for name in dict.fromkeys(finding.answer.name for finding in audit.of("adversary")):
        mine = [finding for finding in audit.of("adversary") if finding.answer.name == name]
        earned = [f"{points(one.report.points)} in {one.answer.exercise}" for one in mine if one.report.points]
        rows.append((Text(name), Text(str(len(mine))), Text(", ".join(earned) or "nothing", "red" if earned else "")))
    return aligned(rows, right=(1,))


def _kills(audit: Audit, check: CheckOutline) -> Text:
    count = len(audit.killed_by(check.id))
    if count:
        return Text(str(count))
    return Text("nothing", "red") if audit.is_tried(check) else Text("not tried")


def _diagnosis(finding: Finding) -> Text:
    if finding.diagnosed:
        return Text("its own", "green")
    return Text(finding.diagnosis or "none", "" if needs_no_list(finding.diagnosis) else "yellow")


def _few(names: Sequence[str]) -> Text:
    return Text(", ".join(names[:4]) + (f", … ({len(names)})" if len(names) > 4 else ""))


def _indented(text: Text) -> Text:
    return Text("\n").join(Text("  ").append_text(line) for line in text.split("\n"))


def render_stumbles(findings: Sequence[Finding], console: Console) -> None:
    """Print where a check raises an error of its own about a mistake: its student reads no more than that."""
    if any(finding.stumbles for finding in findings):
        console.print(Text("Checks that raise an error of their own about a mistake:", "bold"))
    for finding in findings:
        for text in finding.stumbles:
            name = f"{finding.answer.section.id} {finding.answer.exercise}.{finding.answer.name}"
            console.print(Text(f"  {name} at {one_line(text)}"), soft_wrap=True)


def render_problems(findings: Sequence[Finding], console: Console) -> None:
    """Print the reasons why the audit fails."""
    if not any(finding.problems for finding in findings):
        console.print(Text("Every wrong answer loses points, every right one keeps them.", "bold green"))
        return
    console.print()
    console.print(Text("To fix:", "bold red"))
    unsound = {one.answer.section for one in findings if one.answer.kind == "solution" and one.problems}
    others = 0  # of answers that checks judge which the solution does not pass
    for finding in findings:
        answer = finding.answer
        if answer.section in unsound and answer.kind != "solution":
            others += len(finding.problems)
            continue
        what = answer.kind if answer.name == answer.kind else f"{answer.kind} {answer.name}"
        what = f"{answer.kind} {answer.exercise}.{answer.name}" if answer.exercise else what
        place = f" ({answer.place})" if answer.place else ""
        for problem in finding.problems:
            console.print(Text(f"  {answer.section.id} {what} {one_line(problem)}{place}"), soft_wrap=True)
    if others:
        text = f"{plural(others, 'problem')} of other answers, which may follow: first make the solution pass."
        console.print(Text(f"  {text}"), soft_wrap=True)


def render_mutants(result: MutationResult, console: Console) -> None:
    """Print how many mutants the checks see, and those that they do not."""
    console.print()
    text = f"{plural(result.made, 'mutant')}: {result.killed} killed, {result.equivalent} do the same as the solution"
    console.print(Text(f"{text}, {len(result.survivors)} survive.", "bold"))
    for survivor in result.survivors:
        mark = "explained" if survivor.explained else "survives"
        where = f"{survivor.section.stem}.py, line {survivor.mutant.line}"
        console.print(Text(f"  {mark}  {survivor.mutant.key}  ({where})"), soft_wrap=True)
        console.print(Text(f"             differs at {one_line(survivor.example)}", "dim"), soft_wrap=True)


def render_pass(found: AuthorPass, when: datetime, console: Console) -> None:
    """Print all findings, and the messages for the students of mistakes that were tried in this pass."""
    audit = found.audit
    title = heading(audit.section.label, audit.section.topic)
    console.print()
    console.print(Text.assemble((title, "bold"), (f"  {when:%H:%M:%S}", "dim")), soft_wrap=True)
    _right_answers(found, console)
    render_matrix(audit, console)
    for finding in audit.of("mistake"):
        if finding.answer in found.fresh:
            _message(finding, console)
    console.print()
    render_stumbles(audit.findings, console)
    render_problems(audit.findings, console)
    before = len(audit.findings) - len(found.fresh)
    console.print(f"{plural(len(found.fresh), 'answer')} graded{f', {before} as before' if before else ''}.")


def _right_answers(found: AuthorPass, console: Console) -> None:
    for finding in (*found.audit.of("solution"), *found.audit.of("stub"), *found.audit.of("variant")):
        answer, report = finding.answer, finding.report
        name = answer.name if answer.kind == answer.name else f"{answer.kind} {answer.name}"
        text = Text(f"  {name}: {points(report.points)} / {points(report.max_points)}")
        text.append(", not right" if finding.problems else "", "red")
        console.print(text, soft_wrap=True)


def _message(finding: Finding, console: Console) -> None:
    """The first failed check of a mistake, as its student reads it."""
    name = f"{finding.answer.exercise}.{finding.answer.name}"
    failed = [check for check in finding.report.checks if check.status in WRONG]
    if not failed:
        indented(console, Text.assemble((name, "bold"), ": its student reads nothing, and keeps all points."), 2)
        return
    shown = [check for check in failed if not check.hidden] or failed
    check = next((check for check in shown if check.diagnosis), shown[0])
    reader = "only instructors read" if check.hidden else "its student reads"
    indented(console, Text.assemble((name, "bold"), f": {reader}, at ", (check.title, "bold")), 2)
    indented(console, Text(explanation(finding.report, check, check.diagnosis)), 4, above=0, wrap=False)
