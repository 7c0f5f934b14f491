"""The files that students and Gradescope get: stubs, notebooks, the kit, the autograder."""
