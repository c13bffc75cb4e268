// Times drags on react-grid-layout: one JSON document in, the drags a second and the last layout out.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { moveElement, verticalCompactor } = createRequire(import.meta.url)('react-grid-layout/core');
const COLUMNS = 12;
const { layout: start, moves } = JSON.parse(readFileSync(0, 'utf8'));

const play = () => {
  let layout = start.map(([x, y, w, h, pinned], i) => ({ i: String(i), x, y, w, h, static: pinned }));
  layout = verticalCompactor.compact(layout, COLUMNS);
  const at = performance.now();
  for (const [i, x, y] of moves) {
    layout = moveElement(layout, layout[i], x, y, true, false, 'vertical', COLUMNS, false);
    layout = verticalCompactor.compact(layout, COLUMNS);
  }
  return { per_second: (moves.length * 1000) / (performance.now() - at), places: layout.map(({ x, y }) => [x, y]) };
};
play(); // once to warm up the compiler
process.stdout.write(JSON.stringify(play()));
