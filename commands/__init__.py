"""The command line: `python app.py COMMAND`. Knows core alone; app.py hands it the rest."""
