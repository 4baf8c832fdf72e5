"""The model of bench/train in PyTorch, as the peer to measure against. In: the shape as JSON in the first argument,
then a number of steps per line on stdin. Out: a line of JSON for each: seconds, those of the processor, and the last loss."""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

shape = json.loads(sys.argv[1])
torch.set_num_threads(shape["threads"])
torch.set_num_interop_threads(1)
torch.manual_seed(0)
WIDTH, HEADS, LENGTH, ROWS = shape["width"], shape["heads"], shape["length"], shape["rows"]
HEAD = WIDTH // HEADS


class RmsNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * self.gain


def rope_table():
    wavelength = 10_000.0 ** (-torch.arange(0, HEAD, 2) / HEAD)
    angle = torch.outer(torch.arange(LENGTH).float(), wavelength)
    return torch.cos(angle), torch.sin(angle)


COS, SIN = rope_table()
MASK = torch.full((LENGTH, LENGTH), float("-inf")).triu(1)


def turn(x):
    """x: [rows, heads, length, HEAD]; pairs are halves apart, the cheaper of the two usual orders."""
    a, b = x.chunk(2, -1)
    return torch.cat((a * COS - b * SIN, b * COS + a * SIN), -1)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        linear = lambda i, o: nn.Linear(i, o, bias=False)
        self.attn_norm, self.ffn_norm = RmsNorm(), RmsNorm()
        self.q, self.k, self.v, self.o = (linear(WIDTH, WIDTH) for _ in range(4))
        self.gate, self.up = linear(WIDTH, shape["feedForward"]), linear(WIDTH, shape["feedForward"])
        self.down = linear(shape["feedForward"], WIDTH)

    def forward(self, x):
        h = self.attn_norm(x)
        heads = lambda y: y.view(ROWS, LENGTH, HEADS, HEAD).transpose(1, 2)
        q, k, v = turn(heads(self.q(h))), turn(heads(self.k(h))), heads(self.v(h))
        weights = torch.softmax(q @ k.transpose(-1, -2) * HEAD**-0.5 + MASK, -1)
        x = x + self.o((weights @ v).transpose(1, 2).reshape(ROWS, LENGTH, WIDTH))
        h = self.ffn_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Llama(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(shape["vocabularySize"], WIDTH)
        nn.init.normal_(self.embedding.weight, std=0.5 * WIDTH**-0.5)
        self.layers = nn.ModuleList(Layer() for _ in range(shape["layers"]))
        self.norm = RmsNorm()

    def forward(self, tokens):
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x)
        return self.norm(x) @ self.embedding.weight.t()


model = Llama()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.01)


def step():
    tokens = torch.randint(shape["vocabularySize"], (ROWS, LENGTH + 1))
    logits = model(tokens[:, :-1])
    loss = F.cross_entropy(logits.reshape(-1, shape["vocabularySize"]), tokens[:, 1:].reshape(-1))
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


blas = sorted({line.split("/")[-1].strip() for line in open("/proc/self/maps") if "blas" in line.lower()}) if sys.platform == "linux" else []
parameters = sum(p.numel() for p in model.parameters())
print(json.dumps({"version": torch.__version__, "blas": blas, "parameters": parameters}), flush=True)
for line in sys.stdin:
    start, cpu_start = time.perf_counter(), time.process_time()
    for _ in range(int(line)):
        loss = step()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu_start
    print(json.dumps({"seconds": seconds, "cpuSeconds": cpu, "loss": loss}), flush=True)
