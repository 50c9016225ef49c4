"""What all tests share, set before NumPy is loaded."""

import os

# The tests multiply many small matrices. BLAS threads that wait for each other gain nothing
# there, and on a machine that is busy with other things they cost minutes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
