#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image in which submissions are graded.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
course=$root/source/course

find_python() {
    local name
    for name in python3.14 python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    return 1
}

if ! python=$(find_python); then
    apt-get update
    apt-get install --yes --no-install-recommends python3 python3-venv
    python=$(find_python) || {
        echo "Python 3.11 or newer is needed. Choose a newer base image for this autograder, such as Ubuntu 24.04." >&2
        exit 1
    }
fi

"$python" -m venv "$root/venv"
# torch for graphics cards would add gigabytes to the image. uv knows where torch's builds for the CPU are.
"$root/venv/bin/pip" install --quiet uv
"$root/venv/bin/uv" pip install --quiet --python "$root/venv" --torch-backend=cpu --editable "$course" || {
    echo "PyTorch's index cannot be reached: installing torch's ordinary build, which is larger." >&2
    "$root/venv/bin/pip" install --quiet --editable "$course"
}

# What is wrong here is better told now than to a student; and the first grading unpacks the course's data.
cd "$course"
export GRADE_COURSE=$course GRADE_CACHE=$root/cache
"$root/venv/bin/python" -m grader doctor
"$root/venv/bin/python" -m grader all --submission solutions --quiet
