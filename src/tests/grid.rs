//! The grid beside react-grid-layout: the same drags have to end in the same layout.

use belvedere::{
    dashboards::grid::{COLUMNS, Grid, Item, Limits},
    ids::WidgetId,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};
use uuid::Uuid;

const LAYOUTS: usize = 400;
const MOVES: usize = 60;

/// 24,000 random drags over 400 random layouts, a fifth of them with pinned widgets.
#[test]
fn dragging_ends_as_in_react_grid_layout() {
    let mut node = Command::new("node")
        .arg("end2end/oracles/grid.mjs")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node, and the packages of end2end: scripts/setup test brings both");
    let mut to_node = node.stdin.take().unwrap();
    let mut from_node = BufReader::new(node.stdout.take().unwrap());
    let mut play = |step: serde_json::Value| -> Vec<(i32, i32)> {
        writeln!(to_node, "{step}").unwrap();
        let mut line = String::new();
        from_node.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    };
    let places = |grid: &Grid| grid.items().iter().map(|item| (item.x, item.y)).collect::<Vec<_>>();

    let mut random = StdRng::seed_from_u64(20_260_101);
    for _ in 0..LAYOUTS {
        let pins = random.random_bool(0.2);
        let items: Vec<Item> = (0..random.random_range(1..25))
            .map(|n| {
                let w = random.random_range(1..=COLUMNS);
                Item {
                    id: WidgetId(Uuid::from_u128(n)),
                    x: random.random_range(0..=COLUMNS - w),
                    y: random.random_range(0..30),
                    w,
                    h: random.random_range(1..7),
                    limits: Limits::default(),
                    pinned: pins && random.random_bool(0.1),
                }
            })
            .collect();
        let start: Vec<_> = items.iter().map(|i| json!([i.x, i.y, i.w, i.h, i.pinned])).collect();
        let mut grid = Grid::new(items);
        grid.compact();
        assert_eq!(places(&grid), play(json!({ "layout": start })), "compacting {start:?}");
        for _ in 0..MOVES {
            let i = random.random_range(0..grid.items().len());
            let Item { id, w, .. } = grid.items()[i];
            let (x, y) = (random.random_range(0..=COLUMNS - w), random.random_range(0..grid.bottom() + 3));
            let before = places(&grid);
            grid.move_to(id, x, y);
            assert_eq!(
                places(&grid),
                play(json!({ "move": [i, x, y] })),
                "moving {i} to {x}, {y} in {start:?}, now {before:?}"
            );
        }
    }
    drop(to_node);
    assert!(node.wait().unwrap().success());
}
