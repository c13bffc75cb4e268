//! Time zones, by their IANA names.
//!
//! The server carries the rules of every zone since 1900. Browsers have them too, so the part that runs there asks its
//! own: the tables would be a fifth of everything that it loads.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A zone that exists. Cheap to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Zone(inner::Inner);

impl Zone {
    /// "Europe/Vienna".
    pub fn name(self) -> &'static str {
        inner::name(self.0)
    }

    /// What clocks show there.
    pub fn local(self, instant: DateTime<Utc>) -> NaiveDateTime {
        inner::local(self.0, instant)
    }

    /// The calendar's day there.
    pub fn day(self, instant: DateTime<Utc>) -> NaiveDate {
        self.local(instant).date()
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        inner::find(&String::deserialize(deserializer)?).map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "ssr")]
mod inner {
    use super::*;
    use chrono_tz::Tz;

    pub type Inner = Tz;

    pub fn name(zone: Tz) -> &'static str {
        zone.name()
    }

    pub fn local(zone: Tz, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.with_timezone(&zone).naive_local()
    }

    pub fn find(name: &str) -> Result<Tz, chrono_tz::ParseError> {
        name.parse()
    }

    impl Zone {
        pub const UTC: Self = Self(Tz::UTC);

        /// When a day begins there; the earliest moment, where clocks are turned back over midnight.
        pub fn midnight(self, day: NaiveDate) -> Option<DateTime<Utc>> {
            let begins = day.and_time(chrono::NaiveTime::MIN).and_local_timezone(self.0).earliest();
            begins.map(|begins| begins.with_timezone(&Utc))
        }

        /// Every zone there is, by name.
        pub fn names() -> impl Iterator<Item = &'static str> {
            chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
        }
    }

    impl From<Tz> for Zone {
        fn from(zone: Tz) -> Self {
            Self(zone)
        }
    }

    impl std::str::FromStr for Zone {
        type Err = chrono_tz::ParseError;
        fn from_str(name: &str) -> Result<Self, Self::Err> {
            name.parse().map(Self)
        }
    }
}

#[cfg(not(feature = "ssr"))]
mod inner {
    use super::*;
    use js_sys::{Array, Date, Intl::DateTimeFormat, Object, Reflect};
    use std::{cell::RefCell, convert::Infallible};
    use wasm_bindgen::JsValue;

    pub type Inner = &'static str;

    thread_local! {
        /// Each name once, with what the browser knows about it; an organisation has one.
        static KNOWN: RefCell<Vec<(&'static str, Option<DateTimeFormat>)>> = const { RefCell::new(Vec::new()) };
    }

    pub fn name(zone: &'static str) -> &'static str {
        zone
    }

    /// Only the server names zones, so the name is not looked at here.
    pub fn find(name: &str) -> Result<&'static str, Infallible> {
        Ok(KNOWN.with_borrow_mut(|known| match known.iter().find(|(kept, _)| *kept == name) {
            Some((kept, _)) => kept,
            None => {
                let kept: &'static str = Box::leak(name.into());
                known.push((kept, clock(kept)));
                kept
            }
        }))
    }

    /// A clock of this zone, as numbers in the order month, day, year, hour, minute, second. `None` where the browser
    /// has no such zone; then UTC has to do.
    fn clock(zone: &str) -> Option<DateTimeFormat> {
        let options = Object::new();
        let number = "numeric";
        for (key, value) in [
            ("timeZone", zone),
            ("calendar", "gregory"),
            ("numberingSystem", "latn"),
            ("hourCycle", "h23"),
            ("year", number),
            ("month", number),
            ("day", number),
            ("hour", number),
            ("minute", number),
            ("second", number),
        ] {
            Reflect::set(&options, &key.into(), &value.into()).ok()?;
        }
        // The constructor throws for an unknown zone, which a binding cannot catch; this function answers with it.
        let supported = Array::of1(&"en-US".into());
        let made = Reflect::construct(&constructor()?, &Array::of2(&supported, &options)).ok()?;
        Some(made.into())
    }

    fn constructor() -> Option<js_sys::Function> {
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        Some(Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.into())
    }

    pub fn local(zone: &'static str, instant: DateTime<Utc>) -> NaiveDateTime {
        let clock = KNOWN.with_borrow(|known| known.iter().find(|(kept, _)| *kept == zone)?.1.clone());
        clock.and_then(|clock| read(&clock, instant)).unwrap_or_else(|| instant.naive_utc())
    }

    fn read(clock: &DateTimeFormat, instant: DateTime<Utc>) -> Option<NaiveDateTime> {
        let date = Date::new(&JsValue::from_f64(instant.timestamp_millis() as f64));
        let text = clock.format().call1(clock, &date).ok()?.as_string()?;
        let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse::<u32>().ok());
        let mut next = || numbers.next();
        let (month, day, year) = (next()?, next()?, next()?);
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?.and_hms_opt(next()?, next()?, next()?)
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn clocks_follow_the_zone_s_summer_time() {
        let zone: Zone = "Europe/Vienna".parse().unwrap();
        let at = |text: &str| zone.local(text.parse().unwrap()).to_string();
        assert_eq!(at("2026-01-31T23:30:00Z"), "2026-02-01 00:30:00");
        assert_eq!(at("2026-07-31T21:30:00Z"), "2026-07-31 23:30:00");
        assert_eq!(zone.day("2026-01-31T23:30:00Z".parse().unwrap()).to_string(), "2026-02-01");
    }

    #[test]
    fn a_zone_travels_by_name() {
        let zone: Zone = "America/New_York".parse().unwrap();
        assert_eq!(serde_json::to_string(&zone).unwrap(), "\"America/New_York\"");
        assert_eq!(serde_json::from_str::<Zone>("\"America/New_York\"").unwrap(), zone);
        assert!(serde_json::from_str::<Zone>("\"Mars/Olympus\"").is_err());
    }
}
