//! What people type to sign up, sign in and be found by, parsed. The same rules in the browser and on
//! the server.

#[cfg(feature = "ssr")]
use crate::{
    error::{AppError, FieldErrors},
    zone::Zone,
};

/// Passwords that guessers try first, of those that are long enough for our rule. Lower case.
const COMMON_PASSWORDS: &[&str] = &[
    "0123456789",
    "0987654321",
    "1029384756",
    "1111111111",
    "1122334455",
    "1234512345",
    "12345678900",
    "1234567890",
    "12345678910",
    "123456789a",
    "123456789q",
    "1234qwerasdf",
    "1234qwerty",
    "123qweasdzxc",
    "147258369a",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "9876543210",
    "a123456789",
    "abcd123456",
    "abcdefghij",
    // The demo's, which README tells everybody.
    "adventure-demo",
    "admin12345",
    "admin123456",
    "administrator",
    "aa12345678",
    "asdfghjkl1",
    "asdfghjkl;",
    "babygirl123",
    "basketball",
    "belvedere1",
    "belvedere123",
    "changeme123",
    "changemenow",
    "chocolate1",
    "computer123",
    "dashboard1",
    "dashboard123",
    "football123",
    "iloveyou123",
    "iloveyou12",
    "jordan2323",
    "letmein123",
    "letmein1234",
    "liverpool1",
    "manchester",
    "mypassword",
    "mypassword1",
    "p@ssw0rd123",
    "p@ssword123",
    "passw0rd123",
    "password01",
    "password10",
    "password11",
    "password12",
    "password123",
    "password1234",
    "password12345",
    "password123!",
    "password1!",
    "passwordpassword",
    "princess123",
    "q1w2e3r4t5",
    "q1w2e3r4t5y6",
    "qazwsxedcrfv",
    "qwer123456",
    "qwerty12345",
    "qwerty123456",
    "qwerty1234",
    "qwertyuiop",
    "qwertyuiop1",
    "qwertyuiop123",
    "qwertyuiop[]",
    "secret1234",
    "spiderman1",
    "starwars123",
    "summer2024",
    "summer2025",
    "summer2026",
    "sunshine123",
    "superman123",
    "test123456",
    "testtest123",
    "trustno1234",
    "welcome123",
    "welcome1234",
    "winter2025",
    "winter2026",
    "zaq12wsxcde3",
    "zxcvbnm123",
    "zxcvbnm,./",
];

/// The active codes of ISO 4217 that stand for money people pay with.
pub const CURRENCIES: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BHD", "BIF", "BMD", "BND",
    "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE",
    "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD",
    "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY",
    "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD",
    "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO",
    "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF",
    "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB",
    "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VED", "VES", "VND",
    "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
];

/// What a new organisation counts in where nobody says.
pub const FIRST_CURRENCY: &str = "USD";

/// Fewest characters of a password (NIST SP 800-63B asks for at least 8, and for no composition rules).
pub const PASSWORD_MIN: usize = 10;
/// Most bytes that are hashed, so that nobody keeps the server busy with a novel.
pub const PASSWORD_MAX: usize = 1024;

/// An e-mail address in lower case, so that one person has one account. Only what surely cannot be
/// delivered is refused: the mail itself is the test of an address.
pub fn email(text: &str) -> Result<String, String> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return Err("Enter your e-mail address.".into());
    }
    let plausible = text.len() <= 254
        && text.is_ascii()
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c))
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && local.len() <= 64
                && !local.starts_with('.')
                && !local.ends_with('.')
                && !domain.contains('@')
                && domain.split('.').count() >= 2
                && domain.split('.').all(|label| {
                    !label.is_empty()
                        && label.len() <= 63
                        && !label.starts_with('-')
                        && !label.ends_with('-')
                        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                })
        });
    if plausible { Ok(text) } else { Err("This does not look like an e-mail address.".into()) }
}

/// The name of a person or an organisation: 1 to 100 characters, without control characters.
pub fn name(text: &str) -> Result<String, String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        Err("Enter a name.".into())
    } else if text.chars().count() > 100 {
        Err("A name may have at most 100 characters.".into())
    } else if text.chars().any(char::is_control) {
        Err("A name cannot contain control characters.".into())
    } else {
        Ok(text)
    }
}

/// A new password for the account of `email`: long enough, not among the first that are guessed, not the address.
pub fn new_password(text: &str, email: &str) -> Result<String, String> {
    let lower = text.to_lowercase();
    let first = lower.chars().next();
    if text.is_empty() {
        Err("Choose a password.".into())
    } else if text.chars().count() < PASSWORD_MIN {
        Err(format!("Use at least {PASSWORD_MIN} characters. Several words in a row are good."))
    } else if text.len() > PASSWORD_MAX {
        Err(format!("Use at most {PASSWORD_MAX} bytes."))
    } else if lower.chars().all(|c| Some(c) == first) || COMMON_PASSWORDS.contains(&lower.as_str()) {
        Err("This password is among the first that are guessed. Choose another.".into())
    } else if lower == email || email.split_once('@').is_some_and(|(local, _)| lower == local) {
        Err("The password cannot be your e-mail address.".into())
    } else {
        Ok(text.to_owned())
    }
}

/// An ISO 4217 code, in capitals.
pub fn currency(text: &str) -> Result<String, String> {
    let code = text.trim().to_uppercase();
    if CURRENCIES.contains(&code.as_str()) {
        Ok(code)
    } else {
        Err(format!("“{}” is not a currency code such as USD or EUR.", text.trim()))
    }
}

/// As [`currency`]; `usual` where nothing is said.
#[cfg(feature = "ssr")]
pub fn currency_or(text: &str, usual: &str) -> Result<String, String> {
    if text.trim().is_empty() { Ok(usual.to_owned()) } else { currency(text) }
}

/// A zone of the IANA database.
#[cfg(feature = "ssr")]
pub fn time_zone(text: &str) -> Result<crate::zone::Zone, String> {
    text.trim().parse().map_err(|_| format!("“{}” is not a time zone such as Europe/Vienna or UTC.", text.trim()))
}

/// Where to go after signing in: a page of ours, else the first page. A foreign address would make our
/// sign-in page a springboard for phishing.
pub fn local_path(next: &str) -> String {
    let ours = next.starts_with('/')
        && !next.starts_with("//")
        && next.len() <= 2000
        && next.chars().all(|c| c.is_ascii_graphic() && c != '\\')
        // Pages only: not back to signing in, and nothing that acts.
        && !["/sign-in", "/sign-up", "/rpc/", "/api/"].iter().any(|prefix| next.starts_with(prefix));
    if ours { next.to_owned() } else { "/".into() }
}

/// Who signs up, and for which new organisation.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub name: String,
    /// Lower case.
    pub email: String,
    pub password: String,
    pub organization_name: String,
    /// Of the organisation, like the time zone; can be changed later.
    pub base_currency: String,
    pub time_zone: Zone,
}

#[cfg(feature = "ssr")]
impl NewAccount {
    /// With the zone that the person's browser is set to, where it says so and we know it.
    pub fn in_time_zone(self, name: &str) -> Self {
        Self { time_zone: self::time_zone(name).unwrap_or(self.time_zone), ..self }
    }

    /// Checks everything that was typed, and says all that is wrong at once. The currency may be left out.
    pub fn parse(
        name: &str,
        email: &str,
        password: &str,
        organization: &str,
        base_currency: &str,
    ) -> Result<Self, AppError> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", self::name(name));
        let address = errors.take("email", self::email(email));
        let password = errors.take("password", new_password(password, address.as_deref().unwrap_or_default()));
        let organization_name = errors.take("organization", self::name(organization));
        let base_currency = errors.take("base_currency", currency_or(base_currency, FIRST_CURRENCY));
        match (name, address, password, organization_name, base_currency) {
            (Some(name), Some(email), Some(password), Some(organization_name), Some(base_currency)) => {
                Ok(Self { name, email, password, organization_name, base_currency, time_zone: Zone::UTC })
            }
            _ => Err(errors.into_error()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_lowered_and_trimmed() {
        assert_eq!(email("  Ada.L+x@Example.COM ").unwrap(), "ada.l+x@example.com");
        for bad in ["", "ada", "ada@", "@b.c", "a@b", "a b@c.d", "a@b..c", "a@-b.c", "a@b@c.d", "a@b.c\r\nBcc: x@y.z"] {
            assert!(email(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn passwords_are_judged_by_length_and_commonness_only() {
        assert!(new_password("correct horse battery", "a@b.cd").is_ok());
        assert!(new_password("          x", "a@b.cd").is_ok());
        for bad in ["", "short", "Password123", "aaaaaaaaaaaa", "ada.lovelace@example.com", "ADA.LOVELACE"] {
            assert!(new_password(bad, "ada.lovelace@example.com").is_err(), "{bad:?}");
        }
    }

    #[test]
    fn currencies_and_zones_are_known_ones() {
        assert_eq!(currency(" eur ").unwrap(), "EUR");
        assert!(currency("EURO").is_err() && currency("XXX").is_err() && currency("").is_err());
        assert_eq!(time_zone("Europe/Vienna").unwrap().name(), "Europe/Vienna");
        assert!(time_zone("Vienna").is_err());
    }

    #[test]
    fn common_passwords_are_long_enough_to_matter() {
        assert!(COMMON_PASSWORDS.iter().all(|p| p.len() >= PASSWORD_MIN && *p == p.to_lowercase()));
    }

    #[test]
    fn every_fault_of_a_sign_up_is_told_at_once() {
        let AppError::Invalid { fields, .. } = NewAccount::parse("", "x", "y", " ", "EURO").unwrap_err() else {
            panic!("not a list of fields")
        };
        assert_eq!(
            fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(),
            ["name", "email", "password", "organization", "base_currency"]
        );
    }

    #[test]
    fn only_our_own_pages_are_gone_to() {
        assert_eq!(local_path("/payments?status=paid#x"), "/payments?status=paid#x");
        for bad in
            ["", "payments", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/sign-in", "/é"]
        {
            assert_eq!(local_path(bad), "/", "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in ".*") {
            let _ = email(&text);
            let _ = name(&text);
            let _ = new_password(&text, &text);
            prop_assert!(local_path(&text).starts_with('/'));
        }

        #[test]
        fn a_parsed_value_parses_to_itself(text in "[a-z.]{1,10}@[a-z.]{1,10}") {
            if let Ok(parsed) = email(&text) {
                prop_assert_eq!(email(&parsed).unwrap(), parsed);
            }
        }
    }
}
