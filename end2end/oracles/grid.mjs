// Plays moves on react-grid-layout: a layout or a move a line in, the resulting layout a line out.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

const { moveElement, verticalCompactor } = createRequire(import.meta.url)('react-grid-layout/core');
const COLUMNS = 12;
let layout = [];

for await (const line of createInterface({ input: process.stdin })) {
  const step = JSON.parse(line);
  if (step.layout) {
    layout = step.layout.map(([x, y, w, h, pinned], i) => ({ i: String(i), x, y, w, h, static: pinned }));
  } else {
    const [i, x, y] = step.move;
    layout = moveElement(layout, layout[i], x, y, true, false, 'vertical', COLUMNS, false);
  }
  layout = verticalCompactor.compact(layout, COLUMNS);
  process.stdout.write(JSON.stringify(layout.map(({ x, y }) => [x, y])) + '\n');
}
