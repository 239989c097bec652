"""What runs apart from the web process: one confined child process for one version on one split.

```
   Scorer ─► Nursery ══ lines of JSON ══► server ── fork ──► child: confine, load, predict, write, end
   (web)    (web)                        (preloaded; watches time, memory and processes; kills)
```

A fork server of our own rather than multiprocessing's, for what the child must not get: that one starts with
the whole environment of the web process (readable in /proc by every child), hands every child a pickled copy
of its command line, an authentication key and open descriptors, and runs `app.py` again in it. Here the
server starts with a short list of variables, the job is a few lines of JSON, the features are a file that
is mapped into memory, and what comes back is two files that are checked like any other foreign data.
"""
