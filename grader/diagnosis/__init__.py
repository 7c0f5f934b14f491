"""What a wrong answer looks like: known mistakes, behaviour of random functions, patterns in the numbers."""
