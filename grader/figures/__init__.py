"""Pictures of what a student's functions do: data from the sandbox, drawn by trusted code; one module per section.

`figures_of` of `grader.figures.run` makes a section's pictures. A section has those that the module called like its stem defines.
"""
