"""What a submission does where its answers are random, as features that do not depend on the stream: a module per section.

`PROBES` maps exercises to probes. A probe calls the student's function a few times and returns features by name; every right
answer has those of the reference. A diagnosis compares them with those of each known mistake (`grader.grading.diagnosis`).
"""
