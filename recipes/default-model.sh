#!/usr/bin/env bash
# models/nano.gguf from nothing: dialogues by rules, a vocabulary, eight stages of SFT, Q8_0.
#
#   bash recipes/default-model.sh            four hours on 2 idle cores; no GPU, no Python
#
# Each stage can be interrupted (Ctrl-C, kill -9) and goes on when the script is started again. What each one is for
# stands in recipes/default-model/; how it was found in docs/log.md.
set -euo pipefail
cd "$(dirname "$0")/.."
run=runs/default-model
mkdir -p "$run"

data() { # a set of recipes/default-model/data.ts -> its file, once
  [ -f "$run/$1.jsonl" ] || npx tsx recipes/default-model/data.ts "$1" "$run/$1.jsonl"
}

data vocabulary
[ -f "$run/vocabulary.json" ] || npx tsx src/cli/main.ts train tokenizer recipes/default-model/tokenizer.yaml

data held-out
for stage in 1 2 3 4 5 6 7 8; do
  data "stage-$stage"
  [ -f "$run/stage-$stage/model.gguf" ] ||
    npx tsx src/cli/main.ts train sft "recipes/default-model/stage-$stage.yaml" --plot
done

cp "$run/stage-8/model.gguf" models/nano.gguf
npm run --silent bench -- default-model
