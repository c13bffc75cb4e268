//! The font of pictures and documents, and how wide its letters are.
//!
//! The files are Inter (SIL Open Font License, `font/OFL.txt`), Regular and SemiBold, cut down to Latin, Greek,
//! Cyrillic and signs, with figures of equal width in place of the usual ones.

use std::sync::LazyLock;
use ttf_parser::Face;

pub const FAMILY: &str = "Inter";
pub static REGULAR: &[u8] = include_bytes!("font/Inter-Regular.ttf");
pub static SEMIBOLD: &[u8] = include_bytes!("font/Inter-SemiBold.ttf");

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    #[default]
    Regular,
    Semibold,
}

/// Advances of one file, in thousandths of the size.
struct Advances {
    face: Option<Face<'static>>,
    units: f64,
}

static ADVANCES: LazyLock<[Advances; 2]> = LazyLock::new(|| {
    [REGULAR, SEMIBOLD].map(|bytes| {
        let face = Face::parse(bytes, 0).ok();
        let units = face.as_ref().map_or(1000.0, |face| f64::from(face.units_per_em()));
        Advances { face, units }
    })
});

/// How wide a text stands, without kerning. Letters that the font lacks count as wide ones.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let advances = &ADVANCES[weight as usize];
    let advance = |c: char| {
        advances
            .face
            .as_ref()
            .and_then(|face| face.glyph_hor_advance(face.glyph_index(c)?))
            .map_or(1.0, |advance| f64::from(advance) / advances.units)
    };
    text.chars().map(advance).sum::<f64>() * size
}

/// The text, cut with an ellipsis where it would be wider than `most`.
pub fn fit(text: &str, most: f64, size: f64, weight: Weight) -> String {
    if width(text, size, weight) <= most {
        return text.to_owned();
    }
    let mut left = most - width("…", size, weight);
    let mut out = String::new();
    for c in text.chars() {
        left -= width(c.encode_utf8(&mut [0; 4]), size, weight);
        if left < 0.0 {
            break;
        }
        out.push(c);
    }
    format!("{}…", out.trim_end())
}

/// The text in lines of at most `most`; a word that is wider than a line is cut.
pub fn wrap(text: &str, most: f64, size: f64, weight: Weight) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if line.is_empty() || width(&longer, size, weight) <= most {
            *line = fit(&longer, most, size, weight);
        } else {
            lines.push(fit(word, most, size, weight));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_of_equal_width_and_signs_are_there() {
        let one = width("1", 10.0, Weight::Regular);
        assert!(one > 4.0 && (one - width("8", 10.0, Weight::Regular)).abs() < 1e-9);
        for sign in "▲▼◆✓×↗↙−–…’“”€£¥₹₩".chars() {
            for advances in ADVANCES.iter() {
                let face = advances.face.as_ref();
                assert!(face.is_some_and(|face| face.glyph_index(sign).is_some()), "{sign}");
            }
        }
    }

    #[test]
    fn what_is_too_wide_is_cut() {
        assert_eq!(fit("Revenue", 100.0, 12.0, Weight::Regular), "Revenue");
        let cut = fit("A name that goes on and on", 60.0, 12.0, Weight::Regular);
        assert!(cut.ends_with('…') && width(&cut, 12.0, Weight::Regular) <= 60.0, "{cut}");
        let lines = wrap("A name that goes on and on", 60.0, 12.0, Weight::Regular);
        assert!(lines.len() > 1 && lines.iter().all(|l| width(l, 12.0, Weight::Regular) <= 60.0));
    }
}
