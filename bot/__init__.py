"""Careleaf: cited, graded answers for families of children with cerebral palsy. No language model."""

import os

# An answer multiplies one vector with small matrices. Threads of a BLAS cost more than they give there, and on a busy
# machine they wait for each other: a question took 12.3 ms with them and 4.6 ms without (2 cores, load 2).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
