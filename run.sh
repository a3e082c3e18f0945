#!/usr/bin/env bash
# HyperInvariances: one script for everything. Without a word it opens the dashboard; `./run.sh help` lists the rest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

venv=.venv
python="$venv/bin/python"
npm_browser="@sparticuz/chromium@147.0.0"

# What Python compiles is kept, beside the packages and not in the checkout, also where a machine is set up not to keep
# it: a process that compiles torch and all the others anew begins three times as late.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX="${PYTHONPYCACHEPREFIX:-$PWD/$venv/bytecode}"

# Tests in three processes, since each waits for a browser or a process of its own now and then; a file at a time,
# because tests of a file share what is costly to make; in the order of tests/conftest.py, which has long files first.
side_by_side=(-n 3 --dist loadfile --no-loadscope-reorder)

say() { printf '%s\n' "$*" >&2; }

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  say "Python 3.11 or newer with venv is needed. Install it (Debian: apt-get install python3-venv; macOS: brew install python@3.12) and run this again."
  exit 1
}

# Installs once; again only when a requirements file has changed.
install() {
  local file stamp
  for file in "$@"; do
    stamp="$venv/$file.installed"
    if [ -x "$python" ] && [ -f "$stamp" ] && cmp -s "$file" "$stamp"; then continue; fi
    if [ ! -x "$python" ]; then
      say "Making a virtual environment in $venv ..."
      "$(find_python)" -m venv "$venv"
    fi
    say "Installing $file (once; the first time downloads PyTorch and takes some minutes) ..."
    # uv takes a quarter of pip's time; pip knows of settings and mirrors that uv does not.
    if ! with_uv "$file" && ! "$python" -m pip install --quiet --no-compile --disable-pip-version-check -r "$file"; then
      say "Installing failed; see the lines above. With a network, run this again: what is done is kept."
      exit 1
    fi
    mkdir -p "$(dirname "$stamp")" && cp "$file" "$stamp"
  done
}

with_uv() {
  "$python" -m pip install --quiet --disable-pip-version-check "$(grep -m 1 '^uv==' tests/requirements.txt)" 2>/dev/null &&
    "$python" -m uv pip install --quiet --no-cache --python "$python" -r "$1" 2>"$venv/uv.log"
}

browser_found() {
  "$python" -m tests.browser >/dev/null 2>&1
}

# Each way ends with a browser that starts, or the next one is tried: first those that need no administrator.
install_browser() {
  browser_found && return
  local log="$venv/browser.log"
  say "The tests need a browser. Trying Playwright's: playwright install chromium, for this user ..."
  if "$python" -m playwright install chromium >"$log" 2>&1 && browser_found; then return; fi
  if command -v npm >/dev/null 2>&1 && [ "$(uname -sm)" = "Linux x86_64" ]; then
    say "That gave none that starts. Trying npm's: npm install $npm_browser, into $venv/browser ..."
    if npm_browser >>"$log" 2>&1 && browser_found; then return; fi
  fi
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "That gave none that starts. Trying the system's: apt-get install chromium ..."
    if apt-get -qq update >>"$log" 2>&1 && apt-get -qq install -y chromium >>"$log" 2>&1 && browser_found; then return; fi
  fi
  say "No browser could be installed; $log has what each said. Install Chromium and run this again; './run.sh test-fast' needs none."
  exit 1
}

# A Chromium for Linux that is all inside a package. It unpacks itself, with libraries that a bare system may lack.
npm_browser() {
  local folder="$PWD/$venv/browser"
  npm install --silent --no-save --prefix "$folder" "$npm_browser" &&
    (cd "$folder" && TMPDIR="$folder" AWS_LAMBDA_JS_RUNTIME=nodejs20.x \
      node -e 'import("@sparticuz/chromium").then((each) => each.default.executablePath())') &&
    printf '#!/bin/sh\nLD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}%s" exec "%s" "$@"\n' \
      "$folder/al2023/lib" "$folder/chromium" >"$folder/start" && chmod +x "$folder/start"
}

# Exact versions for Linux and macOS and each Python from 3.11, by markers; what is locked stays, unless --upgrade is given.
lock() {
  local file="$1"
  shift
  "$python" -m uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --no-annotate \
    --custom-compile-command "./run.sh lock" --output-file "$file" pyproject.toml "$@" >/dev/null
}

check_style() {
  "$python" -m ruff check .
  "$python" -m ruff format --check .
  "$venv/bin/oxlint" --deny-warnings dashboard
}

case "${1:-dashboard}" in
  test)
    shift
    install requirements.txt tests/requirements.txt
    install_browser
    check_style
    if [ $# != 0 ]; then
      "$python" -m mypy
      exec "$python" -m pytest "$@"
    fi
    failed=0
    # Types are checked beside the tests, which leave a part of two cores idle.
    "$python" -m mypy >"$venv/mypy.log" 2>&1 &
    types=$!
    "$python" -m pytest "${side_by_side[@]}" || failed=$?
    wait "$types" || failed=$?
    cat "$venv/mypy.log"
    exit "$failed"
    ;;
  test-fast)
    shift
    install requirements.txt tests/requirements.txt
    check_style
    "$python" -m mypy
    exec "$python" -m pytest "${side_by_side[@]}" -m "not browser and not slow" "$@"
    ;;
  pretrain | combine | pretrain-plain | export | evaluate | table | bench | real-tasks | bars | fit | record | certify | look | landscape | walk | route | manifold | ablate | ablate-gates)
    install requirements.txt
    exec "$python" -m core "$@"
    ;;
  lock)
    shift
    install tests/requirements.txt
    lock requirements.txt --extra dashboard --extra pretraining "$@"
    lock tests/requirements.txt --extra test --constraints requirements.txt "$@"
    ;;
  report)
    shift
    install requirements.txt
    exec "$python" -m dashboard.adapt.report "$@"
    ;;
  bench-drag)
    shift
    install requirements.txt tests/requirements.txt
    install_browser
    exec "$python" -m tests.latency "$@"
    ;;
  picture)
    shift
    install requirements.txt tests/requirements.txt
    install_browser
    exec "$python" -m tests.picture "$@"
    ;;
  bench-visitors)
    shift
    install requirements.txt tests/requirements.txt
    install_browser
    exec "$python" -m tests.visitors "$@"
    ;;
  help | -h | --help)
    cat <<'TEXT'
./run.sh            open the dashboard on http://127.0.0.1:8501 (options of `streamlit run` may follow)
./run.sh test       run all tests; installs what they need, the browser too (options of pytest may follow: --cov for coverage)
./run.sh test-fast  the same without what needs a browser or takes long: under two minutes on two cores
./run.sh pretrain   train a hypernetwork on a folder of images; --help lists the options (backbones, a bank of views)
./run.sh combine    put a pretrained network behind gates beside a trained one
./run.sh export     turn a run's latest state into a checkpoint, or a fitted task into a model that works alone
./run.sh evaluate   measure a checkpoint on a folder of images
./run.sh table      print an evaluation or an ablation as a Markdown table
./run.sh bench      what the hypernetwork costs, as ratios
./run.sh bench-drag how fast the page follows a dragged slider, and the memory over 1,000 moves, in a real browser
./run.sh bench-visitors thirty browsers press Play at once, and the memory over a hundred fits
./run.sh picture    the README's picture: the dashboard's first screen in a real browser
./run.sh real-tasks the fit and all its rivals on real tasks (folders, the shipped ones, torchvision's), same images and head
./run.sh bars       what the model must reach, and what the stored measurements say, as a table
./run.sh fit        fit a descriptor and a head to a folder of labelled images, beside baselines
./run.sh record     fit one task and keep the run as a file, which the Adapt page opens too
./run.sh report     make an HTML page of such a file, for any browser, without a network
./run.sh look       what the Explore page shows of a picture: curves, neighbours, maps; JSON and CSV
./run.sh landscape  how well a task does over a square of the descriptors, or all over the map; JSON and CSV, --jobs, --ledger
./run.sh walk       where fits of a task walk in the cube of descriptors; JSON and CSV, --jobs, --ledger
./run.sh route      what changes on the way from one descriptor to another; JSON and CSV
./run.sh certify    bounds on the error of a fit, on tasks by name or a folder of labelled images
./run.sh manifold   make the map of the descriptor space that the dashboard shows; once per checkpoint; --jobs
./run.sh ablate     what each part of the recipe does: short training runs from one bank of views
./run.sh ablate-gates what gates, loudness and components of a combined model trade, without a step of training
./run.sh pretrain-plain  train the baseline without a descriptor (plain SimCLR)
./run.sh lock       write requirements.txt and tests/requirements.txt anew from pyproject.toml; --upgrade takes the newest
./run.sh help       this list
TEXT
    ;;
  dashboard | --*)
    [ "${1:-}" = dashboard ] && shift
    install requirements.txt
    # For glibc: every thread that fits would otherwise keep a hundred megabytes of freed memory to itself.
    export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"
    exec "$python" -m streamlit run dashboard/server.py "$@"
    ;;
  *)
    say "There is no command '$1'. './run.sh help' lists the commands."
    exit 2
    ;;
esac
