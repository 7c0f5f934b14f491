﻿# coding: utf-8
def f(): pass
