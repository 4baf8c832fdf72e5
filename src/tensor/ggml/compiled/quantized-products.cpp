/**
 * Products of matrices in Q4_0 and Q8_0 with rows in Q8_0, for processors with AVX-512 and VNNI. compile-library.ts puts this file among
 * llama.cpp's, whose functions for Q4_0 it replaces (the same numbers to the last bit) and whose way of Q8_0 on other processors it makes
 * fast on these.
 *
 * VNNI multiplies unsigned bytes by signed ones. llama.cpp's functions move the sign of every byte over before each multiplication, and
 * shuffle what they have read to multiply two rows at once. Here weights become unsigned by adding a zero point (8, 128), and the zero point
 * times the sum of the row's bytes is taken off; what is read is put in order once for all rows.
 *
 * The layout is llama.cpp's (repack.h, "8x8" and "4x8"): columns are rows of the weights. A block_q4_0x8 holds 32 numbers of each of eight
 * columns: eight bytes of each column in turn, twice; the lower halves of the first are numbers 0 to 7, the upper ones 16 to 23, of the
 * second 8 to 15 and 24 to 31. A block_q8_0x4 holds 32 numbers of each of four columns, or rows: eight bytes of each in turn, four times.
 */
#define GGML_COMMON_DECL_CPP
#include "ggml-common.h"
#include "repack.h"

// llama.cpp's own, under the names that they are compiled by.
extern "C" void ggml_gemm_q4_0_8x8_q8_0_replaced(int, float *, size_t, const void *, const void *, int, int);
extern "C" void ggml_gemv_q4_0_8x8_q8_0_replaced(int, float *, size_t, const void *, const void *, int, int);

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512VNNI__)

#include <immintrin.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace {

/** Numbers of a column or row that share a scale. */
constexpr int BLOCK = 32;

/** Columns that are multiplied by many rows at once: as many as a vector has sums. */
constexpr int TILE = 16;

/** One row's product waits for memory alone: its weights are fetched so many bytes before they are read. */
constexpr int AHEAD = 8192;

constexpr int CACHE_LINE = 64;

template <auto HINT> inline void fetch(const void * from, size_t bytes) {
    for (size_t line = 0; line < bytes; line += CACHE_LINE) {
        _mm_prefetch((const char *) from + line, HINT);
    }
}

template <typename Number> inline Number read(const void * from) {
    Number number;
    memcpy(&number, from, sizeof(number));
    return number;
}

/** Of two vectors, which hold eight bytes of each of eight columns: the first four of each, the last four of each. */
inline void first_and_last(__m512i l, __m512i r, __m512i & first, __m512i & last) {
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i odd  = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    first = _mm512_permutex2var_epi32(l, even, r);
    last  = _mm512_permutex2var_epi32(l, odd, r);
}

/** A block of a tile: of each column its numbers 0 to 3, 4 to 7 and so on, with the zero point added. */
struct tile_block {
    __m512i quants[BLOCK / 4];
    __m512  scales;
};

struct q4_0 {
    using block = block_q4_0x8;
    static constexpr int columns    = 8;
    static constexpr int zero_point = 8;

    /** Of every byte the lower half: repacking has turned its highest bit over already. */
    static __m512i lower_halves(__m512i bytes) {
        constexpr int A_AND_B_XOR_C = 0x6A;
        return _mm512_ternarylogic_epi32(bytes, _mm512_set1_epi8(15), _mm512_set1_epi8(8), A_AND_B_XOR_C);
    }

    static __m512i upper_halves(__m512i bytes) { return lower_halves(_mm512_srli_epi16(bytes, 4)); }

    static tile_block read_tile(const block * const (&from)[2], int b) {
        tile_block found;
        for (int i = 0; i < 2; i++) {
            const __m512i l = _mm512_loadu_si512(from[0][b].qs + 64 * i);
            const __m512i r = _mm512_loadu_si512(from[1][b].qs + 64 * i);
            __m512i       first;
            __m512i       last;
            first_and_last(l, r, first, last);
            found.quants[2 * i]     = lower_halves(first);
            found.quants[2 * i + 1] = lower_halves(last);
            found.quants[2 * i + 4] = upper_halves(first);
            found.quants[2 * i + 5] = upper_halves(last);
        }
        const __m128i l = _mm_loadu_si128((const __m128i *) from[0][b].d);
        const __m128i r = _mm_loadu_si128((const __m128i *) from[1][b].d);
        found.scales    = _mm512_cvtph_ps(_mm256_set_m128i(r, l));
        return found;
    }
};

struct q8_0 {
    using block = block_q8_0x4;
    static constexpr int columns    = 4;
    static constexpr int zero_point = 128;

    static __m512i to_unsigned(__m512i bytes) { return _mm512_xor_si512(bytes, _mm512_set1_epi8((char) zero_point)); }

    static tile_block read_tile(const block * const (&from)[4], int b) {
        const auto two = [&](int block, int i) {
            const __m256i l = _mm256_loadu_si256((const __m256i *) from[block][b].qs + i);
            const __m256i r = _mm256_loadu_si256((const __m256i *) from[block + 1][b].qs + i);
            return to_unsigned(_mm512_inserti64x4(_mm512_castsi256_si512(l), r, 1));
        };
        tile_block found;
        for (int i = 0; i < 4; i++) {
            first_and_last(two(0, i), two(2, i), found.quants[2 * i], found.quants[2 * i + 1]);
        }
        const auto scales = [&](int block) { return read<int64_t>(from[block][b].d); };
        found.scales      = _mm512_cvtph_ps(_mm256_setr_epi64x(scales(0), scales(1), scales(2), scales(3)));
        return found;
    }
};

/** Of a block of four rows. */
struct row_constants {
    /** Minus the zero point times the sum of the quants. */
    int32_t offsets[4];
    float   scales[4];
};

template <typename Weights> inline row_constants constants_of(const block_q8_0x4 & rows) {
    __m256i sums = _mm256_setzero_si256();
    for (int i = 0; i < 4; i++) {
        const __m256i quants = _mm256_loadu_si256((const __m256i *) rows.qs + i);
        sums                 = _mm256_dpbusd_epi32(sums, _mm256_set1_epi8((char) Weights::zero_point), quants);
    }
    sums = _mm256_add_epi32(sums, _mm256_srli_epi64(sums, 32));
    row_constants found;
    _mm_storeu_si128((__m128i *) found.offsets, _mm_sub_epi32(_mm_setzero_si128(), _mm256_cvtepi64_epi32(sums)));
    _mm_storeu_ps(found.scales, _mm_cvtph_ps(_mm_loadl_epi64((const __m128i *) rows.d)));
    return found;
}

/** Row r of the result is at s + r * stride. */
template <typename Weights, int ROWS>
void multiply_rows(int blocks, float * s, size_t stride, const typename Weights::block * weights, const block_q8_0x4 * rows, int nc) {
    static thread_local std::vector<row_constants> constants;
    constants.resize((size_t) blocks * (ROWS / 4));
    for (size_t i = 0; i < constants.size(); i++) {
        constants[i] = constants_of<Weights>(rows[i]);
    }
    const row_constants * of_rows = constants.data();

    constexpr int tile_blocks = TILE / Weights::columns;
    for (int x = 0; x < nc; x += TILE, weights += tile_blocks * blocks) {
        const int                       count = std::min(TILE, nc - x);
        const typename Weights::block * from[tile_blocks];
        for (int i = 0; i < tile_blocks; i++) {
            from[i] = weights + std::min(i, count / Weights::columns - 1) * blocks;
        }
        __m512 sums[ROWS];
        for (int r = 0; r < ROWS; r++) {
            sums[r] = _mm512_setzero_ps();
        }
        for (int b = 0; b < blocks; b++) {
            // Of the next tile, in the order of memory.
            fetch<_MM_HINT_T0>(weights + tile_blocks * (blocks + b), tile_blocks * sizeof(*weights));
            const tile_block tile = Weights::read_tile(from, b);
            // Unrolled, so that the sums stay in registers.
#pragma GCC unroll 16
            for (int r = 0; r < ROWS; r++) {
                const int             i      = r / 4 * blocks + b;
                const int8_t *        quants = rows[i].qs + 8 * (r % 4);
                const row_constants & row    = of_rows[i];
                __m512i               dot    = _mm512_set1_epi32(row.offsets[r % 4]);
                for (int k = 0; k < BLOCK / 4; k++) {
                    const int32_t four = read<int32_t>(quants + 32 * (k / 2) + 4 * (k % 2));
                    dot                = _mm512_dpbusd_epi32(dot, tile.quants[k], _mm512_set1_epi32(four));
                }
                const __m512 scales = _mm512_mul_ps(tile.scales, _mm512_set1_ps(row.scales[r % 4]));
                sums[r]             = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot), scales, sums[r]);
            }
        }
        const __mmask16 mask = (__mmask16) ((1 << count) - 1);
        for (int r = 0; r < ROWS; r++) {
            _mm512_mask_storeu_ps(s + r * stride + x, mask, sums[r]);
        }
    }
}

template <typename Weights> void gemm(int n, float * s, size_t bs, const void * vx, const void * vy, int nr, int nc) {
    const int  blocks  = n / BLOCK;
    const auto weights = (const typename Weights::block *) vx;
    const auto rows    = [&](int r) { return (const block_q8_0x4 *) vy + (size_t) (r / 4) * blocks; };
    int        r       = 0;
    for (; r + 16 <= nr; r += 16) {
        multiply_rows<Weights, 16>(blocks, s + r * bs, bs, weights, rows(r), nc);
    }
    for (; r + 8 <= nr; r += 8) {
        multiply_rows<Weights, 8>(blocks, s + r * bs, bs, weights, rows(r), nc);
    }
    for (; r < nr; r += 4) {
        multiply_rows<Weights, 4>(blocks, s + r * bs, bs, weights, rows(r), nc);
    }
}

/** Neighbours are two sums of a column, after each other. */
inline __m256i add_neighbours(__m512i sums) {
    return _mm512_cvtepi64_epi32(_mm512_add_epi32(sums, _mm512_srli_epi64(sums, 32)));
}

inline __m128i add_neighbours(__m256i sums) {
    return _mm256_cvtepi64_epi32(_mm256_add_epi32(sums, _mm256_srli_epi64(sums, 32)));
}

}  // namespace

/** Many rows: `nr` is a multiple of 4, `nc` of 8, `n` of 32. Rows of the result are `bs` numbers apart. */
void ggml_gemm_q4_0_8x8_q8_0(int n, float * s, size_t bs, const void * vx, const void * vy, int nr, int nc) {
    gemm<q4_0>(n, s, bs, vx, vy, nr, nc);
}

/** Many rows: `nr` and `nc` are multiples of 4, `n` of 32. */
void ggml_gemm_q8_0_4x8_q8_0(int n, float * s, size_t bs, const void * vx, const void * vy, int nr, int nc) {
    gemm<q8_0>(n, s, bs, vx, vy, nr, nc);
}

// One row: the weights are read in their order, which is faster than sixteen columns at once. Its sums are found anew beside each block of
// weights: as fast as finding them once, since memory is waited for.

void ggml_gemv_q4_0_8x8_q8_0(int n, float * s, size_t, const void * vx, const void * vy, int, int nc) {
    const auto row   = (const block_q8_0 *) vy;
    auto       block = (const block_q4_0x8 *) vx;
    for (int x = 0; x < nc; x += q4_0::columns) {
        __m256 sums = _mm256_setzero_ps();
        for (int b = 0; b < n / BLOCK; b++, block++) {
            fetch<_MM_HINT_NTA>((const char *) block + AHEAD, sizeof(*block));
            const __m512i first     = _mm512_loadu_si512(block->qs);
            const __m512i second    = _mm512_loadu_si512(block->qs + 64);
            const __m512i quants[4] = { q4_0::lower_halves(first), q4_0::lower_halves(second), q4_0::upper_halves(first),
                                        q4_0::upper_halves(second) };
            __m512i       dot       = _mm512_setzero_si512();
            __m512i       offset    = _mm512_setzero_si512();
            for (int i = 0; i < 4; i++) {
                const __m512i eight = _mm512_set1_epi64(read<int64_t>(row[b].qs + 8 * i));
                dot                 = _mm512_dpbusd_epi32(dot, quants[i], eight);
                offset              = _mm512_dpbusd_epi32(offset, _mm512_set1_epi8(q4_0::zero_point), eight);
            }
            const __m256 columns = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *) block->d));
            const __m256 scales  = _mm256_mul_ps(columns, _mm256_set1_ps(_cvtsh_ss(row[b].d)));
            sums = _mm256_fmadd_ps(_mm256_cvtepi32_ps(add_neighbours(_mm512_sub_epi32(dot, offset))), scales, sums);
        }
        _mm256_storeu_ps(s + x, sums);
    }
}

void ggml_gemv_q8_0_4x8_q8_0(int n, float * s, size_t, const void * vx, const void * vy, int, int nc) {
    const __m512i twice_four = _mm512_setr_epi64(0, 0, 0, 0, 1, 1, 1, 1);
    const auto    row        = (const block_q8_0 *) vy;
    auto          block      = (const block_q8_0x4 *) vx;
    for (int x = 0; x < nc; x += q8_0::columns) {
        __m128 sums = _mm_setzero_ps();
        for (int b = 0; b < n / BLOCK; b++, block++) {
            fetch<_MM_HINT_NTA>((const char *) block + AHEAD, sizeof(*block));
            __m512i dot    = _mm512_setzero_si512();
            __m512i offset = _mm512_setzero_si512();
            for (int i = 0; i < 2; i++) {
                const __m512i quants  = q8_0::to_unsigned(_mm512_loadu_si512(block->qs + 64 * i));
                const __m128i sixteen = _mm_loadu_si128((const __m128i *) row[b].qs + i);
                const __m512i spread  = _mm512_permutexvar_epi64(twice_four, _mm512_castsi128_si512(sixteen));
                dot                   = _mm512_dpbusd_epi32(dot, quants, spread);
                offset                = _mm512_dpbusd_epi32(offset, _mm512_set1_epi8((char) q8_0::zero_point), spread);
            }
            dot                  = _mm512_sub_epi32(dot, offset);
            const __m256i both   = _mm256_add_epi32(_mm512_castsi512_si256(dot), _mm512_extracti64x4_epi64(dot, 1));
            const __m128 columns = _mm_cvtph_ps(_mm_loadl_epi64((const __m128i *) block->d));
            const __m128 scales  = _mm_mul_ps(columns, _mm_set1_ps(_cvtsh_ss(row[b].d)));
            sums                 = _mm_fmadd_ps(_mm_cvtepi32_ps(add_neighbours(both)), scales, sums);
        }
        _mm_storeu_ps(s + x, sums);
    }
}

#else

void ggml_gemm_q4_0_8x8_q8_0(int n, float * s, size_t bs, const void * vx, const void * vy, int nr, int nc) {
    ggml_gemm_q4_0_8x8_q8_0_replaced(n, s, bs, vx, vy, nr, nc);
}

void ggml_gemv_q4_0_8x8_q8_0(int n, float * s, size_t bs, const void * vx, const void * vy, int nr, int nc) {
    ggml_gemv_q4_0_8x8_q8_0_replaced(n, s, bs, vx, vy, nr, nc);
}

void ggml_gemm_q8_0_4x8_q8_0(int n, float * s, size_t bs, const void * vx, const void * vy, int nr, int nc) {
    ggml_gemm_q8_0_4x8_q8_0_generic(n, s, bs, vx, vy, nr, nc);
}

void ggml_gemv_q8_0_4x8_q8_0(int n, float * s, size_t bs, const void * vx, const void * vy, int nr, int nc) {
    ggml_gemv_q8_0_4x8_q8_0_generic(n, s, bs, vx, vy, nr, nc);
}

#endif
