// Creates the pictures on Vaunt's cards: small valid JPEG files, the same one for the same name.

import { createHash } from 'node:crypto'

/** Makes a gray square. Its comment fills the file up to the size of a real avatar. */
export function jpeg(name: string): Buffer {
  const [shade = 0, length = 0] = createHash('sha256').update(name).digest()
  const comment = createHash('shake256', { outputLength: 2_000 + 10 * length })
    .update(name)
    .digest()
  return Buffer.concat([HEAD, scan(shade), segment(0xfe, comment), END])
}

/** One block of 8 by 8 pixels: a bit for "six bits follow", the six bits of its shade, and a bit for "no detail". */
function scan(shade: number): Buffer {
  return Buffer.concat([segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])), Buffer.from([(shade & 0x3f) << 1])])
}

function segment(marker: number, content: Buffer): Buffer {
  const length = content.length + 2
  return Buffer.concat([Buffer.from([0xff, marker, length >> 8, length & 0xff]), content])
}

/** A Huffman table with a single symbol, whose code is one zero bit. */
function oneSymbol(table: number, symbol: number): Buffer {
  return segment(0xc4, Buffer.from([table, 1, ...new Array<number>(15).fill(0), symbol]))
}

const QUANTIZATION = new Array<number>(64).fill(16)

const HEAD = Buffer.concat([
  Buffer.from([0xff, 0xd8]),
  segment(0xdb, Buffer.from([0, ...QUANTIZATION, 1, ...QUANTIZATION])),
  segment(0xc0, Buffer.from([8, 0, 8, 0, 8, 1, 1, 0x11, 0])),
  oneSymbol(0x00, 6),
  oneSymbol(0x10, 0)
])

const END = Buffer.from([0xff, 0xd9])
