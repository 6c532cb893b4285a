"""Verdicts as a reader sees them: numbers as text, tables, figures, the report.

Nothing is estimated here. What is printed is looked up in `numbers.json` by name.
"""
