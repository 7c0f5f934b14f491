def f():
    nonlocal x
return 1
