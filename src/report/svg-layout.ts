// Puts blocks of known size beside and below each other: all the layout that the pictures need.
import { el, type SvgElement } from './svg.ts';

/** Something with a size that can be drawn anywhere; pixels. */
export interface Block {
  readonly width: number;
  readonly height: number;
  draw(x: number, y: number): readonly SvgElement[];
}

/** One below the other, left edges in line. */
export function stack(blocks: readonly Block[], gap: number): Block {
  const shown = blocks.filter(block => block.height > 0);
  return {
    width: Math.max(0, ...shown.map(block => block.width)),
    height: sum(shown.map(block => block.height)) + gap * Math.max(0, shown.length - 1),
    draw: (x, y) => {
      let top = y;
      return shown.flatMap(block => {
        const drawn = block.draw(x, top);
        top += block.height + gap;
        return drawn;
      });
    },
  };
}

/** One beside the other, top edges in line. */
export function beside(blocks: readonly Block[], gap: number): Block {
  return {
    width: sum(blocks.map(block => block.width)) + gap * Math.max(0, blocks.length - 1),
    height: Math.max(0, ...blocks.map(block => block.height)),
    draw: (x, y) => {
      let left = x;
      return blocks.flatMap(block => {
        const drawn = block.draw(left, y);
        left += block.width + gap;
        return drawn;
      });
    },
  };
}

/** Beside each other as long as they fit, then on the next row. */
export function flow(
  blocks: readonly Block[],
  { width, gap }: { readonly width: number; readonly gap: number },
): Block {
  const rows: Block[][] = [];
  for (const block of blocks) {
    const row = rows.at(-1);
    if (row && beside([...row, block], gap).width <= width) row.push(block);
    else rows.push([block]);
  }
  return stack(
    rows.map(row => beside(row, gap)),
    gap,
  );
}

/** The same block with room to its right, so that frames of unequal content end in line. */
export const widen = (block: Block, width: number): Block => ({ ...block, width: Math.max(block.width, width) });

export interface FrameStyle {
  /** CSS class of the box. */
  readonly box: string;
  readonly padding: number;
  readonly radius: number;
}

/** A rounded box around a block. */
export function frame(inside: Block, { box, padding, radius }: FrameStyle): Block {
  const width = inside.width + 2 * padding;
  const height = inside.height + 2 * padding;
  return {
    width,
    height,
    draw: (x, y) => [
      el('rect', { x, y, width, height, rx: radius, class: box }),
      ...inside.draw(x + padding, y + padding),
    ],
  };
}

export interface TextStyle {
  /** CSS class that sets font and colour. */
  readonly text: string;
  /** Font size. */
  readonly size: number;
  /** Whether the class makes it bold. */
  readonly bold?: boolean;
}

/** One line. Without a font at hand the width is an estimate: what a wide sans-serif font needs. */
export function textLine(text: string, { text: textClass, size, bold = false }: TextStyle): Block {
  return {
    width: text.length * size * (bold ? 0.66 : 0.54),
    height: size * 1.35,
    draw: (x, y) => [el('text', { x, y: y + size, class: textClass, 'font-size': size }, text)],
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
