# TernFuzz.cmake - fuzz/: one program a fuzz/NAME_fuzz.c.
