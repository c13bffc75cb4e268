//! The grid's engine beside react-grid-layout's: drags on a dashboard of 200 widgets.

use super::node;
use belvedere::{
    dashboards::grid::{COLUMNS, Grid, Item, Limits},
    ids::WidgetId,
};
use serde_json::{Value, json};
use std::time::Instant;
use uuid::Uuid;

const WIDGETS: u32 = 200;
const MOVES: u32 = 400;

pub fn measure() {
    let mut state = 20_260_101_u64;
    let mut random = |below: i32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i32::try_from((state >> 33) % u64::from(below.unsigned_abs())).unwrap()
    };
    let items: Vec<Item> = (0..WIDGETS)
        .map(|n| {
            let w = 2 + random(4);
            let (x, y, h) = (random(COLUMNS - w + 1), random(150), 2 + random(4));
            Item { id: WidgetId(Uuid::from_u128(n.into())), x, y, w, h, limits: Limits::default(), pinned: false }
        })
        .collect();
    let moves: Vec<(usize, i32, i32)> = (0..MOVES)
        .map(|_| {
            let i = usize::try_from(random(200)).unwrap();
            (i, random(COLUMNS - items[i].w + 1), random(200))
        })
        .collect();
    let start: Vec<_> = items.iter().map(|i| json!([i.x, i.y, i.w, i.h, false])).collect();
    let mut grid = Grid::new(items.clone());
    grid.compact();
    let at = Instant::now();
    for &(i, x, y) in &moves {
        grid.move_to(items[i].id, x, y);
    }
    let ours = f64::from(MOVES) / at.elapsed().as_secs_f64();
    let theirs = react_grid_layout(&json!({ "layout": start, "moves": moves }));
    println!("\ndrags a second among {WIDGETS} widgets: {ours:.0}");
    match theirs {
        Some((theirs, places)) => {
            let places: Vec<(i32, i32)> = serde_json::from_value(places).unwrap();
            let ours_places: Vec<_> = grid.items().iter().map(|i| (i.x, i.y)).collect();
            assert_eq!(ours_places, places, "both end in the same layout");
            println!("react-grid-layout in node: {theirs:.0}, so {:.1} times as many", ours / theirs);
        }
        None => println!("react-grid-layout: not installed (scripts/setup test brings it)"),
    }
}

/// Drags a second, and where everything ends up.
fn react_grid_layout(work: &Value) -> Option<(f64, Value)> {
    let said = node::run("grid_speed.mjs", work)?;
    Some((said["per_second"].as_f64()?, said["places"].clone()))
}
