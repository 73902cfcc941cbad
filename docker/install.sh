#!/bin/sh
# The two steps that the image is built of; tests/docker takes them too, without an engine.
#
#   install.sh dependencies PREFIX   a virtual environment at PREFIX with what requirements/runtime.lock pins
#   install.sh lakebench PREFIX      build the wheel from this folder with the locked builder, and install it there
#
# PYTHON is the interpreter to begin with. pip's own variables count, such as PIP_NO_INDEX and PIP_FIND_LINKS.
set -eu
step=$1
prefix=$2
export PIP_DISABLE_PIP_VERSION_CHECK=1

case $step in
dependencies)
    "${PYTHON:-python3}" -m venv "$prefix"
    "$prefix/bin/python" -m pip install --quiet --no-cache-dir --require-hashes -r requirements/runtime.lock
    ;;
lakebench)
    wheels=$(mktemp -d)
    trap 'rm -rf "$wheels"' EXIT
    SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-315532800} "$prefix/bin/python" -m hatchling build -t wheel -d "$wheels"
    "$prefix/bin/python" -m pip install --quiet --no-cache-dir --no-index --no-deps "$wheels"/*.whl
    ;;
*)
    echo "install.sh: no step $step" >&2
    exit 2
    ;;
esac
