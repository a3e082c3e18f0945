"""Lessons: files in TOML, what they may say, and how the truth in them is measured when it is shown.

Reading order: :mod:`dashboard.lessons.rules` (comparisons), :mod:`dashboard.lessons.parts` (what a step may
point at), :mod:`dashboard.lessons.measures` and :mod:`dashboard.lessons.fits` (what may be measured),
:mod:`dashboard.lessons.lesson` (the schema), :mod:`dashboard.lessons.facts` (what a check may ask),
:mod:`dashboard.lessons.teacher_sheet` (the teacher's sheet). None of them draws anything.
"""
