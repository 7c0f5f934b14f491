"""What a submission does where its answers are random, as features that do not depend on the stream: a module per section.

`PROBES` maps exercises to probes. A probe calls the student's function a few times and yields features by name, in parts: what
is cheap and tells much comes first, since a known mistake is asked no further than it agrees. Every right answer has the
features of the reference. A diagnosis compares them (`grader.diagnosis.behaviour`).
"""
