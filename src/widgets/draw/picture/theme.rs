//! The tokens of `style/tokens.css` as literal colours: a picture has no style sheet to ask.

/// Light or dark, as the page's own switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    #[default]
    Light,
    Dark,
}

#[derive(Debug)]
pub struct Theme {
    pub bg: &'static str,
    pub surface: &'static str,
    pub sunken: &'static str,
    pub line: &'static str,
    pub line_strong: &'static str,
    pub ink: &'static str,
    pub ink_2: &'static str,
    pub ink_3: &'static str,
    pub accent: &'static str,
    pub on_accent: &'static str,
    pub good: &'static str,
    pub good_soft: &'static str,
    pub warn: &'static str,
    pub warn_soft: &'static str,
    pub bad: &'static str,
    pub bad_soft: &'static str,
    pub series: [&'static str; 6],
    pub grid: &'static str,
    pub grey: &'static str,
    pub track: &'static str,
}

static LIGHT: Theme = Theme {
    bg: "#f6f5f2",
    surface: "#ffffff",
    sunken: "#efede8",
    line: "#e3e0d9",
    line_strong: "#cfcbc2",
    ink: "#1b1d22",
    ink_2: "#565a63",
    ink_3: "#686c75",
    accent: "#1f5fd0",
    on_accent: "#ffffff",
    good: "#157a4a",
    good_soft: "#e2f3ea",
    warn: "#94580a",
    warn_soft: "#fbefd9",
    bad: "#b4282f",
    bad_soft: "#fbe6e6",
    series: ["#2f6fed", "#d2691b", "#159a8c", "#8a5cd0", "#b0830a", "#d1477a"],
    grid: "#ece9e3",
    grey: "#8d897f",
    track: "#ece9e3",
};

static DARK: Theme = Theme {
    bg: "#101217",
    surface: "#181b21",
    sunken: "#13161b",
    line: "#272b33",
    line_strong: "#3a3f4a",
    ink: "#eceef2",
    ink_2: "#b0b5bf",
    ink_3: "#959aa5",
    accent: "#7aa5ff",
    on_accent: "#0b1220",
    good: "#58c48e",
    good_soft: "#15301f",
    warn: "#e6ad52",
    warn_soft: "#33270f",
    bad: "#f2888b",
    bad_soft: "#3a191b",
    series: ["#6e9dff", "#f0a05c", "#45c4b5", "#b493f0", "#e2bd4a", "#ee82ab"],
    grid: "#242830",
    grey: "#6a707d",
    track: "#272b33",
};

impl Look {
    pub fn theme(self) -> &'static Theme {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
        }
    }
}

impl Theme {
    /// The colour that a class of the page's drawings stands for.
    pub fn class(&self, class: &str) -> &'static str {
        match class {
            "s1" => self.series[0],
            "s2" => self.series[1],
            "s3" => self.series[2],
            "s4" => self.series[3],
            "s5" => self.series[4],
            "s6" => self.series[5],
            "good" => self.good,
            "warning" => self.warn,
            "critical" | "bad" => self.bad,
            "track" => self.track,
            "plain" => self.ink_2,
            _ => self.grey,
        }
    }

    /// Paper and ink of a chip of this class.
    pub fn chip(&self, class: &str) -> (&'static str, &'static str) {
        match class {
            "good" => (self.good_soft, self.good),
            "bad" | "critical" => (self.bad_soft, self.bad),
            "warning" => (self.warn_soft, self.warn),
            _ => (self.sunken, self.ink_2),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    /// The luminance of WCAG 2.
    fn luminance(color: &str) -> f64 {
        let channel = |at: usize| {
            let c = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0;
            if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn what_is_drawn_stands_out_from_the_card() {
        for look in [Look::Light, Look::Dark] {
            let theme = look.theme();
            for color in theme.series.iter().chain([&theme.grey]) {
                let (a, b) = (luminance(color), luminance(theme.surface));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= 3.0, "{color} on {}: {contrast:.2}", theme.surface);
            }
        }
    }

    /// Pictures and pages show the same colours.
    #[test]
    fn the_colours_are_those_of_the_style_sheet() {
        let css = std::fs::read_to_string(format!("{}/style/tokens.css", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let token = |name: &str| {
            let line = css.lines().find(|l| l.trim_start().starts_with(&format!("--{name}:"))).unwrap();
            let pair = line.split_once("light-dark(").unwrap().1.split_once(')').unwrap().0;
            let (light, dark) = pair.split_once(", ").unwrap();
            let long = |c: &str| if c == "#fff" { "#ffffff".to_owned() } else { c.to_owned() };
            (long(light), long(dark))
        };
        let of = |t: &'static Theme| {
            [
                ("bg", t.bg),
                ("surface", t.surface),
                ("sunken", t.sunken),
                ("line", t.line),
                ("line-strong", t.line_strong),
                ("ink", t.ink),
                ("ink-2", t.ink_2),
                ("ink-3", t.ink_3),
                ("accent", t.accent),
                ("on-accent", t.on_accent),
                ("good", t.good),
                ("good-soft", t.good_soft),
                ("warn", t.warn),
                ("warn-soft", t.warn_soft),
                ("bad", t.bad),
                ("bad-soft", t.bad_soft),
                ("s1", t.series[0]),
                ("s2", t.series[1]),
                ("s3", t.series[2]),
                ("s4", t.series[3]),
                ("s5", t.series[4]),
                ("s6", t.series[5]),
                ("grid", t.grid),
                ("edge", t.grey),
            ]
        };
        for ((name, light), (_, dark)) in of(&LIGHT).into_iter().zip(of(&DARK)) {
            assert_eq!(token(name), (light.to_owned(), dark.to_owned()), "{name}");
        }
    }
}
