# coding: unicode_escape
x = '\ud800'
