#!/usr/bin/env bash
# models/nano.gguf from nothing: dialogues by rules, a vocabulary, three stages of SFT, Q8_0.
#
#   bash recipes/default-model.sh            some hours on 2 cores; no GPU, no Python
#
# Each stage can be interrupted (Ctrl-C, kill -9) and goes on when the script is started again. What each one is for
# stands in recipes/default-model/; how it was found in docs/log.md.
set -euo pipefail
cd "$(dirname "$0")/.."
run=runs/default-model
texts=../shared/data/text
mkdir -p "$run"

data() { # stage -> file, once
  [ -f "$run/$2" ] || npx tsx recipes/default-model/data.ts "$1" "$run/$2" $([ -d "$texts" ] && echo "$texts")
}

data vocabulary vocabulary.jsonl
[ -f "$run/vocabulary.json" ] || npm start --silent -- train tokenizer recipes/default-model/tokenizer.yaml

for stage in 1 2 3; do
  data "$stage" "stage-$stage.jsonl"
  data "held-out" held-out.jsonl
  [ -f "$run/stage-$stage/model.gguf" ] || npm start --silent -- train sft "recipes/default-model/stage-$stage.yaml" --plot
done

cp "$run/stage-3/model.gguf" models/nano.gguf
npm run --silent bench -- default-model
