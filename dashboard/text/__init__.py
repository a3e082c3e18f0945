"""The words of the pages, fixed or computed from numbers, and names from outside made literal; no layout."""
