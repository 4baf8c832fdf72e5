/** Encodings against bytes that `objdump -D -b binary -m i386:x86-64` (GNU binutils) reads as the instruction named. */
import { describe, expect, test } from "vitest";
import { Assembler, at, R } from "./assembler.ts";

const hex = (code: Uint8Array) => Buffer.from(code).toString("hex");

const ENCODINGS: [name: string, emit: (a: Assembler) => void, bytes: string][] = [
  ["push rbp", (a) => a.push(R.rbp), "55"],
  ["push r12", (a) => a.push(R.r12), "4154"],
  ["pop r15", (a) => a.pop(R.r15), "415f"],
  ["pop rbx", (a) => a.pop(R.rbx), "5b"],
  ["ret", (a) => a.ret(), "c3"],
  ["mov rbp,rsp", (a) => a.move(R.rbp, R.rsp), "4889e5"],
  ["mov r8,rdi", (a) => a.move(R.r8, R.rdi), "4989f8"],
  ["mov rax,r15", (a) => a.move(R.rax, R.r15), "4c89f8"],
  ["movsxd rsi,esi", (a) => a.moveInt(R.rsi, R.rsi), "4863f6"],
  ["movsxd r9,edx", (a) => a.moveInt(R.r9, R.rdx), "4c63ca"],
  ["mov r12,[rdi+0xf8]", (a) => a.load(R.r12, at(R.rdi, 248)), "4c8ba7f8000000"],
  ["mov rax,[rsp+8]", (a) => a.load(R.rax, at(R.rsp, 8)), "488b442408"],
  ["mov rcx,[r12]", (a) => a.load(R.rcx, at(R.r12)), "498b4c2400"],
  ["mov rcx,[r13-8]", (a) => a.load(R.rcx, at(R.r13, -8)), "498b4df8"],
  ["mov r8,[rbp-0x1000]", (a) => a.load(R.r8, at(R.rbp, -4096)), "4c8b8500f0ffff"],
  ["mov [rbp-0x10],r14", (a) => a.store(at(R.rbp, -16), R.r14), "4c8975f0"],
  ["mov [rsp+0x1000],rax", (a) => a.store(at(R.rsp, 4096), R.rax), "4889842400100000"],
  ["mov qword [rbp-0x18],7", (a) => a.moveImmediate(at(R.rbp, -24), 7), "48c745e807000000"],
  ["mov qword [r12-0x960],-7", (a) => a.moveImmediate(at(R.r12, -2400), -7), "49c78424a0f6fffff9ffffff"],
  ["mov rcx,256", (a) => a.moveImmediate(R.rcx, 256), "48c7c100010000"],
  ["mov r15,-1", (a) => a.moveImmediate(R.r15, -1), "49c7c7ffffffff"],
  ["lea r8,[rsp+8]", (a) => a.lea(R.r8, at(R.rsp, 8)), "4c8d442408"],
  ["lea rsp,[rbp-0x28]", (a) => a.lea(R.rsp, at(R.rbp, -40)), "488d65d8"],
  ["add r13,0x100000", (a) => a.immediate("add", R.r13, 1 << 20), "4981c500001000"],
  ["sub rsp,0x4100", (a) => a.immediate("sub", R.rsp, 0x4100), "4881ec00410000"],
  ["and rsp,-64", (a) => a.immediate("and", R.rsp, -64), "4881e4c0ffffff"],
  ["cmp rbx,256", (a) => a.immediate("cmp", R.rbx, 256), "4881fb00010000"],
  ["sub qword [rbp-0x20],1", (a) => a.immediate("sub", at(R.rbp, -32), 1), "48816de001000000"],
  ["cmp qword [r9-0x20],0", (a) => a.immediate("cmp", at(R.r9, -32), 0), "498179e000000000"],
  ["cmp dword [rax],0", (a) => a.compareInt(at(R.rax), 0), "81780000000000"],
  ["cmp dword [r15+0x100],7", (a) => a.compareInt(at(R.r15, 256), 7), "4181bf0001000007000000"],
  ["vmovups ymm12,[r8]", (a) => a.vmovups(12, at(R.r8)), "c4417c106000"],
  ["vmovups ymm3,[r12+0x40]", (a) => a.vmovups(3, at(R.r12, 64)), "c4c17c105c2440"],
  ["vmovups [rdx+0x1000],ymm11", (a) => a.vmovupsStore(at(R.rdx, 4096), 11), "c4617c119a00100000"],
  ["vmovups [r13-4],ymm2", (a) => a.vmovupsStore(at(R.r13, -4), 2), "c4c17c1155fc"],
  ["vmaskmovps ymm13,ymm15,[r11+0x20]", (a) => a.vmaskmovps(13, 15, at(R.r11, 32)), "c442052c6b20"],
  ["vmaskmovps ymm1,ymm2,[rsp+0x20]", (a) => a.vmaskmovps(1, 2, at(R.rsp, 32)), "c4e26d2c4c2420"],
  [
    "vmaskmovps [rdx-0x280],ymm15,ymm9",
    (a) => a.vmaskmovpsStore(at(R.rdx, -640), 15, 9),
    "c462052e8a80fdffff",
  ],
  ["vmaskmovps [r10],ymm3,ymm4", (a) => a.vmaskmovpsStore(at(R.r10), 3, 4), "c4c2652e6200"],
  ["vbroadcastss ymm14,[rdi-0x200]", (a) => a.vbroadcastss(14, at(R.rdi, -512)), "c4627d18b700feffff"],
  ["vbroadcastss ymm1,[r12+0x7c]", (a) => a.vbroadcastss(1, at(R.r12, 124)), "c4c27d184c247c"],
  ["vfmadd231ps ymm11,ymm12,ymm14", (a) => a.vfmadd231ps(11, 12, 14), "c4421db8de"],
  ["vfmadd231ps ymm0,ymm13,ymm3", (a) => a.vfmadd231ps(0, 13, 3), "c4e215b8c3"],
  ["vfmadd231ps ymm8,ymm1,ymm9", (a) => a.vfmadd231ps(8, 1, 9), "c44275b8c1"],
  ["vxorps ymm5,ymm5,ymm5", (a) => a.vxorps(5, 5, 5), "c4e15457ed"],
  ["vxorps ymm9,ymm10,ymm11", (a) => a.vxorps(9, 10, 11), "c4412c57cb"],
  ["vfmadd231ps ymm3,ymm9,[r12-8]", (a) => a.vfmadd231ps(3, 9, at(R.r12, -8)), "c4c235b85c24f8"],
  ["vfnmadd231ps ymm1,ymm12,ymm3", (a) => a.vfnmadd231ps(1, 12, 3), "c4e21dbccb"],
  ["vfmadd213ps ymm8,ymm2,[rax+0x20]", (a) => a.vfmadd213ps(8, 2, at(R.rax, 32)), "c4626da84020"],
  ["vaddps ymm1,ymm2,ymm3", (a) => a.packed("add", 1, 2, 3), "c4e16c58cb"],
  ["vmulps ymm9,ymm10,ymm11", (a) => a.packed("mul", 9, 10, 11), "c4412c59cb"],
  ["vsubps ymm4,ymm15,[r13]", (a) => a.packed("sub", 4, 15, at(R.r13)), "c4c1045c6500"],
  ["vminps ymm0,ymm1,ymm2", (a) => a.packed("min", 0, 1, 2), "c4e1745dc2"],
  ["vdivps ymm8,ymm7,ymm6", (a) => a.packed("div", 8, 7, 6), "c461445ec6"],
  ["vmaxps ymm5,ymm6,ymm14", (a) => a.packed("max", 5, 6, 14), "c4c14c5fee"],
  ["vandnps ymm5,ymm6,ymm7", (a) => a.packed("andnot", 5, 6, 7), "c4e14c55ef"],
  ["vcmpltps ymm3,ymm12,ymm1", (a) => a.vcmpltps(3, 12, 1), "c4e11cc2d901"],
  ["vpaddd ymm9,ymm1,ymm8", (a) => a.vpaddd(9, 1, 8), "c44175fec8"],
  ["vpslld ymm12,ymm3,23", (a) => a.vpslld(12, 3, 23), "c4e11d72f317"],
  ["vpermilps ymm1,ymm9,0x4e", (a) => a.vpermilps(1, 9, 78), "c4c37d04c94e"],
  ["vperm2f128 ymm11,ymm2,ymm2,1", (a) => a.vswapHalves(11, 2), "c4636d06da01"],
  ["vzeroupper", (a) => a.vzeroupper(), "c5f877"],
];

test.each(ENCODINGS)("%s", (_, emit, bytes) => {
  const asm = new Assembler();
  emit(asm);
  expect(hex(asm.finish())).toBe(bytes);
});

describe("labels", () => {
  test("distances count from the end of the instruction, backwards and forwards", () => {
    const asm = new Assembler();
    const [start, end] = [asm.label(), asm.label()];
    asm.place(start);
    asm.jump(start);
    asm.jumpIf("equal", start);
    asm.jumpIf("notEqual", end);
    asm.jumpIf("less", start);
    asm.jumpIf("greaterOrEqual", start);
    asm.jumpIf("greater", end);
    asm.call(end);
    asm.vmovups(15, { label: end });
    asm.lea(R.rdi, { label: end });
    asm.place(end);
    asm.int32s([-1, 1]);
    const expected = [
      "e9fbffffff",
      "0f84f5ffffff",
      "0f8527000000",
      "0f8ce9ffffff",
      "0f8de3ffffff",
      "0f8f15000000",
      "e810000000",
      "c4617c103d07000000",
      "488d3d00000000",
      "ffffffff01000000",
    ];
    expect(hex(asm.finish())).toBe(expected.join(""));
  });

  test("a label is placed once", () => {
    const asm = new Assembler();
    const label = asm.label();
    asm.jump(label);
    expect(() => asm.finish()).toThrow("without a place");
    asm.place(label);
    expect(() => asm.place(label)).toThrow("two places");
  });
});

test("numbers beyond 32 bits are refused, not cut", () => {
  const asm = new Assembler();
  expect(() => asm.immediate("add", R.rax, 2 ** 31)).toThrow("32 bits");
  expect(() => asm.load(R.rax, at(R.rbx, -(2 ** 31) - 1))).toThrow("32 bits");
});
