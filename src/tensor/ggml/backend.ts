/** Executes graphs with ggml on the CPU. Leaves live in native buffers, intermediates in one reused arena. */
import { VikhrError } from "../../errors.ts";
import { type Backend, checkValues, type Program, phaseOrder } from "../backend.ts";
import { topologicalOrder } from "../backward.ts";
import { leaf } from "../ops.ts";
import { elementCount, type Tensor } from "../tensor.ts";
import { GGML_TYPE, type Ggml, type GraphView, openGgml, type Pointer } from "./bindings.ts";
import { type Generated, openGenerated } from "./generated.ts";
import { LOWERINGS, type LowerContext } from "./lower.ts";

/** ggml calls behind one operation, at most (outer). */
const MAX_CALLS_PER_NODE = 32;

export interface GgmlBackend extends Backend {
  setThreads(threads: number): void;
}

export interface GgmlBackendOptions {
  /** Default 1; see calibrate-threads.ts. */
  threads?: number;
  /** Generated code, where the machine and VIKHR_JIT allow it. Default true. */
  jit?: boolean;
}

export async function openGgmlBackend(options: GgmlBackendOptions = {}): Promise<GgmlBackend> {
  const ggml = await openGgml();
  const backend = ggml.openCpu();
  ggml.setThreads(backend, options.threads ?? 1);
  const generated = options.jit === false ? undefined : openGenerated(ggml);
  const leaves = new Map<Tensor, Pointer>();
  const owned: { context: Pointer; buffer: Pointer }[] = [];

  const pointerOf = (leaf: Tensor): Pointer => {
    const pointer = leaves.get(leaf);
    if (pointer === undefined) throw new Error("the tensor is not a leaf of this backend");
    return pointer;
  };

  const allocate = (tensors: readonly Tensor[]) => {
    if (tensors.length === 0) return;
    const context = ggml.init(ggml.contextBytes(tensors.length));
    for (const t of tensors) leaves.set(t, ggml.newTensor(context, GGML_TYPE[t.type], ...t.shape));
    const buffer = ggml.allocateContext(context, backend);
    if (!buffer) throw new VikhrError(`not enough memory for ${tensors.length} tensors`);
    ggml.clearBuffer(buffer);
    owned.push({ context, buffer });
  };

  const zeroLeaves = new Map<number, Tensor>();
  const zeros = (count: number): Pointer => {
    const known = zeroLeaves.get(count) ?? leaf("zeros", [1, count], { type: "i32" });
    if (!zeroLeaves.has(count)) allocate([known]);
    zeroLeaves.set(count, known);
    return pointerOf(known);
  };

  // All programs of a backend share ggml's one work buffer: two at a time would write over each other.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work, work);
    last = done;
    return done;
  };

  return {
    name: generated ? "ggml-cpu, generated code" : "ggml-cpu",
    setThreads: (threads) => ggml.setThreads(backend, threads),
    allocate,
    write(leaf, values) {
      checkValues(leaf, values);
      ggml.write(pointerOf(leaf), new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    },
    read: (leaf) => readFloats(ggml, pointerOf(leaf), leaf),
    zero(tensors) {
      for (const t of tensors) ggml.zero(pointerOf(t), elementCount(t.shape) * (t.type === "i64" ? 8 : 4));
    },
    compile: (phases) => compile({ ggml, backend, leaves, zeros, generated, inTurn }, phases),
    close() {
      for (const { context, buffer } of owned.splice(0)) {
        ggml.freeBuffer(buffer);
        ggml.free(context);
      }
      leaves.clear();
      ggml.closeBackend(backend);
    },
  };
}

interface CompileContext {
  ggml: Ggml;
  backend: Pointer;
  leaves: ReadonlyMap<Tensor, Pointer>;
  zeros(count: number): Pointer;
  generated: Generated | undefined;
  /** `work` after all that was asked for before. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

function compile(
  { ggml, backend, leaves, zeros, generated, inTurn }: CompileContext,
  phases: readonly (readonly Tensor[])[],
): Program {
  const nodes = topologicalOrder(phases.flat()).filter((node) => node.op !== "leaf");
  const results = new Set(phases.flat());
  const users = new Map<Tensor, number>();
  for (const node of nodes) for (const input of node.inputs) users.set(input, (users.get(input) ?? 0) + 1);
  const capacity = nodes.length * MAX_CALLS_PER_NODE + 64;
  const context = ggml.init(ggml.contextBytes(capacity));
  const graph = ggml.newGraph(context, capacity);
  const pointers = new Map(leaves);
  const isPrivate = (node: Tensor) => users.get(node) === 1 && !results.has(node);
  const lower: LowerContext = {
    ggml,
    context,
    probabilities: new Map(),
    transposes: new Map(),
    isPrivate,
    zeros,
    generated,
    pointerOf: (tensor) => pointers.get(tensor)!,
  };
  const views: GraphView[] = [];
  const ends: number[] = [];
  for (const phase of phases) {
    for (const node of topologicalOrder(phase)) {
      if (pointers.has(node)) continue;
      const inputs = node.inputs.map((input) => pointers.get(input)!);
      const pointer = lowerNode(lower, node, inputs);
      pointers.set(node, pointer);
      if (results.has(node)) ggml.setOutput(pointer);
      // Expanding node by node keeps our order of execution, which is what bounds the memory. A transposed copy
      // waits for its first user: generated products read the original.
      if (node.op !== "transpose" || results.has(node)) ggml.expand(graph, pointer);
    }
    ends.push(ggml.graphNodes(graph));
  }
  const allocator = ggml.newAllocator(backend);
  if (!ggml.allocateGraph(allocator, graph))
    throw new VikhrError("not enough memory for the activations: use a smaller batch, or checkpointing");
  for (const [i, end] of ends.entries()) views.push(ggml.graphView(graph, i === 0 ? 0 : ends[i - 1]!, end));
  const requireOrder = phaseOrder();
  return {
    memoryBytes: ggml.allocatorBytes(allocator),
    async run(phase) {
      requireOrder(phase);
      const status = await inTurn(() => ggml.compute(backend, views[phase]!));
      if (status !== 0) throw new VikhrError(`ggml could not compute the graph (status ${status})`);
    },
    read: (result) => readFloats(ggml, pointers.get(result)!, result),
    close() {
      ggml.freeAllocator(allocator);
      ggml.free(context);
    },
  };
}

/** The table's entry for this node's own operation: TypeScript cannot follow the pairing through the union. */
function lowerNode(c: LowerContext, node: Tensor, inputs: Pointer[]): Pointer {
  const lowering = LOWERINGS[node.op] as (c: LowerContext, node: Tensor, inputs: Pointer[]) => Pointer;
  return lowering(c, node, inputs);
}

function readFloats(ggml: Ggml, pointer: Pointer, tensor: Tensor): Float32Array {
  const values = new Float32Array(elementCount(tensor.shape));
  ggml.read(pointer, new Uint8Array(values.buffer));
  return values;
}
