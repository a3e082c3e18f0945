"""Lessons: files in TOML, what they may say, and how the truth in them is measured when it is shown.

Reading order: :mod:`dashboard.lessons.rules` (comparisons), :mod:`dashboard.lessons.measures` and
:mod:`dashboard.lessons.fits` (what may be measured), :mod:`dashboard.lessons.lesson` (a lesson as a value),
:mod:`dashboard.lessons.schema` (what may be in its file), :mod:`dashboard.lessons.reader` (from the file to the value),
:mod:`dashboard.lessons.facts` (what a check may ask), :mod:`dashboard.lessons.reveal` (what is said when an answer is
measured), :mod:`dashboard.classroom.teacher_sheet` (the teacher's sheet). None of them draws anything.
"""
