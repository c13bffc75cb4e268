//! The fields that each kind of record has, the names that other systems give them, and the matching of a file's
//! columns with them.

use super::model::Target;

/// What may stand in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// At most so many characters.
    Text(usize),
    Date,
    /// Stored as the first day.
    Month,
    Amount,
    /// An amount that may not be negative.
    Positive,
    /// Three capital letters.
    Currency,
    /// One of a few values: its name, its label, and the words that other systems use for it, between bars.
    Choice(&'static [(&'static str, &'static str, &'static str)]),
}

/// A field of a record. `name` is also the column of the table, and the name in the API.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: Kind,
    /// The row is refused where the cell is empty and no default is set.
    pub required: bool,
    /// Names of columns that mean this field, most telling first, between bars; compared after [`normalize`].
    pub synonyms: &'static str,
}

/// The words of a list that is written with bars.
pub fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split('|').map(str::trim)
}

/// Decides by the sign of the amount whether a row is income or expense.
pub const BY_SIGN: &str = "by_sign";

const TRANSACTION_TYPES: Kind = Kind::Choice(&[
    (
        "income",
        "Income",
        "income | in | credit | cr | c | sale | sales | revenue | deposit | receipt | incoming | received | \
            haben | einnahme | einnahmen | ertrag | erlös | eingang | gutschrift | recette | ingreso | +",
    ),
    (
        "expense",
        "Expense",
        "expense | expenses | out | debit | dr | d | purchase | cost | costs | spending | withdrawal | outgoing | \
            payment | paid | soll | ausgabe | ausgaben | aufwand | kosten | ausgang | lastschrift | dépense | \
            gasto | -",
    ),
]);

const DIRECTIONS: Kind = Kind::Choice(&[
    (
        "outgoing",
        "Outgoing: we pay",
        "outgoing | out | payable | vendor | supplier | bill | purchase | ausgang | we pay",
    ),
    ("incoming", "Incoming: we are paid", "incoming | in | receivable | customer | client | invoice | sale | eingang"),
]);

const STATUSES: Kind = Kind::Choice(&[
    (
        "pending",
        "Pending",
        "pending | open | unpaid | due | outstanding | new | draft | waiting | offen | overdue | sent",
    ),
    (
        "approved",
        "Approved",
        "approved | accepted | confirmed | released | authorised | authorized | freigegeben | genehmigt",
    ),
    ("rejected", "Rejected", "rejected | declined | refused | cancelled | canceled | void | abgelehnt | storniert"),
    ("paid", "Paid", "paid | settled | complete | completed | closed | done | bezahlt | beglichen | payé | pagado"),
]);

const CURRENCY: Field = Field {
    name: "currency",
    label: "Currency",
    kind: Kind::Currency,
    required: true,
    synonyms: "currency | currency code | ccy | curr | währung | devise | moneda | iso currency",
};

const REFERENCE_NAMES: &str = "reference | ref | reference no | order no | order number | order id | order | invoice number | \
            invoice no | invoice id | invoice | bill number | bill no | po number | purchase order | voucher | \
            voucher no | document no | document number | document | receipt no | receipt number | receipt | \
            transaction id | transaction no | entry no | payment id | payment no | id | number | no | nr | \
            belegnummer | beleg nr | beleg | rechnungsnummer | rechnung nr | bestellnummer | bestell nr | bestellnr | rechnungsnr | belegnr | auftragsnr | bestellung | \
            auftragsnummer | buchungsnummer | referenz | numéro | numero | factura | facture";

const AMOUNT_NAMES: &str = "amount | total | total amount | grand total | order total | invoice total | amount due | net amount | \
            gross amount | value | sum | total price | price | betrag | gesamtbetrag | summe | gesamt | umsatz | \
            wert | preis | montant | importe | monto | gross | net | brutto | netto | subtotal";

const CATEGORY_NAMES: &str = "category | category name | account | account name | ledger account | gl account | cost type | \
            product category | group | class | kategorie | konto | kontoname | warengruppe | sachkonto | catégorie | \
            categoría | categoria";

const NOTE_NAMES: &str = "note | notes | description | memo | remark | remarks | comment | comments | details | text | narrative | \
            subject | purpose | buchungstext | verwendungszweck | beschreibung | bemerkung | notiz | libellé | \
            concepto";

const TRANSACTIONS: &[Field] = &[
    Field { name: "reference", label: "Reference", kind: Kind::Text(100), required: false, synonyms: REFERENCE_NAMES },
    Field {
        name: "date",
        label: "Date",
        kind: Kind::Date,
        required: true,
        synonyms: "date | booking date | transaction date | posting date | posted | posted on | order date | ordered | \
            ordered on | ordered at | invoice date | sale date | entry date | value date | document date | \
            created at | created | day | datum | buchungsdatum | buchungstag | belegdatum | bestelldatum | bestellt am | gebucht am | verkauft am | \
            rechnungsdatum | valuta | fecha",
    },
    Field {
        name: "type",
        label: "Type",
        kind: TRANSACTION_TYPES,
        required: true,
        synonyms: "type | transaction type | kind | income expense | income or expense | in out | direction | \
            debit credit | dr cr | credit debit | d c | flow | art | typ | soll haben | buchungsart | tipo",
    },
    Field { name: "category", label: "Category", kind: Kind::Text(100), required: false, synonyms: CATEGORY_NAMES },
    Field {
        name: "department",
        label: "Department",
        kind: Kind::Text(100),
        required: false,
        synonyms: "department | dept | cost center | cost centre | team | branch | store | shop | location | unit | \
            abteilung | kostenstelle | filiale | département | departamento",
    },
    Field { name: "amount", label: "Amount", kind: Kind::Amount, required: true, synonyms: AMOUNT_NAMES },
    CURRENCY,
    Field {
        name: "note",
        label: "Note",
        kind: Kind::Text(2000),
        required: false,
        synonyms: "note | notes | description | memo | remark | remarks | comment | comments | details | text | narrative | \
            subject | purpose | buchungstext | verwendungszweck | beschreibung | bemerkung | notiz | libellé | \
            concepto | customer | customer name | client | supplier | vendor | payee | payer | counterparty | \
            party | merchant | organization | organisation | company | division | kunde | lieferant | empfänger",
    },
];

const PAYMENTS: &[Field] = &[
    Field { name: "reference", label: "Reference", kind: Kind::Text(100), required: false, synonyms: REFERENCE_NAMES },
    Field {
        name: "party",
        label: "Vendor or customer",
        kind: Kind::Text(200),
        required: true,
        synonyms: "party | vendor | vendor name | supplier | supplier name | payee | customer | customer name | client | \
            client name | payer | counterparty | company | company name | business partner | partner | creditor | \
            debtor | bill to | name | lieferant | kunde | kundenname | kreditor | debitor | empfänger | \
            fournisseur | proveedor | cliente",
    },
    Field {
        name: "direction",
        label: "Direction",
        kind: DIRECTIONS,
        required: true,
        synonyms: "direction | in out | type | payment type | kind | payable receivable | richtung",
    },
    Field {
        name: "issued_on",
        label: "Issued on",
        kind: Kind::Date,
        required: true,
        synonyms: "issued on | issued | issue date | invoice date | bill date | order date | document date | date | \
            created | created at | created on | rechnungsdatum | belegdatum | ausgestellt am | datum | fecha",
    },
    Field {
        name: "due_date",
        label: "Due date",
        kind: Kind::Date,
        required: false,
        synonyms: "due date | due | due on | payment due | payable by | pay by | deadline | fällig | fällig am | \
            fälligkeit | fälligkeitsdatum | zahlbar bis | échéance | vencimiento",
    },
    Field {
        name: "status",
        label: "Status",
        kind: STATUSES,
        required: false,
        synonyms: "status | state | payment status | invoice status | zahlungsstatus | zustand | estado | statut",
    },
    Field {
        name: "paid_on",
        label: "Paid on",
        kind: Kind::Date,
        required: false,
        synonyms: "paid on | paid | paid at | paid date | payment date | date paid | settled on | settlement date | bezahlt am | \
            zahlungsdatum | gezahlt am",
    },
    Field { name: "amount", label: "Amount", kind: Kind::Amount, required: true, synonyms: AMOUNT_NAMES },
    CURRENCY,
    Field { name: "note", label: "Note", kind: Kind::Text(2000), required: false, synonyms: NOTE_NAMES },
];

const BUDGETS: &[Field] = &[
    Field {
        name: "month",
        label: "Month",
        kind: Kind::Month,
        required: true,
        synonyms: "month | period | budget month | date | monat | periode | datum | mois | mes",
    },
    Field {
        name: "type",
        label: "Type",
        kind: TRANSACTION_TYPES,
        required: true,
        synonyms: "type | kind | budget type | income expense | income or expense | art | typ | tipo",
    },
    Field { name: "category", label: "Category", kind: Kind::Text(100), required: true, synonyms: CATEGORY_NAMES },
    Field {
        name: "amount",
        label: "Amount",
        kind: Kind::Positive,
        required: true,
        synonyms: "amount | budget | budget amount | planned | plan | planned amount | target | limit | total | value | \
            betrag | soll | budgetbetrag | montant | importe",
    },
    CURRENCY,
];

const MATERIALS: &[Field] = &[
    Field {
        name: "sku",
        label: "SKU",
        kind: Kind::Text(100),
        required: true,
        synonyms: "sku | item no | item number | item code | item | article | article no | article number | \
            product number | product code | product id | part number | part no | material number | material no | \
            stock code | code | id | reference | artikelnummer | artikelnr | artikel nr | artikel | materialnummer | \
            teilenummer | référence | referencia",
    },
    Field {
        name: "name",
        label: "Name",
        kind: Kind::Text(200),
        required: true,
        synonyms: "name | product name | item name | article name | product | material | description | item description | \
            title | bezeichnung | artikelbezeichnung | produkt | beschreibung | désignation | nombre | descripción",
    },
    Field {
        name: "category",
        label: "Category",
        kind: Kind::Text(100),
        required: false,
        synonyms: "category | product category | group | product group | item group | class | kategorie | warengruppe | \
            gruppe | catégorie | categoría",
    },
    Field {
        name: "quantity",
        label: "Quantity",
        kind: Kind::Amount,
        required: false,
        synonyms: "quantity | qty | on hand | quantity on hand | qty on hand | stock | in stock | stock level | \
            stock quantity | available | count | units | menge | bestand | lagerbestand | anzahl | stück | \
            quantité | cantidad | existencias",
    },
    Field {
        name: "min_stock",
        label: "Minimum stock",
        kind: Kind::Positive,
        required: false,
        synonyms: "min stock | minimum stock | minimum | min | min quantity | min qty | minimum quantity | reorder level | \
            reorder point | safety stock | safety stock level | threshold | mindestbestand | meldebestand | \
            stock minimum",
    },
    Field {
        name: "unit_cost",
        label: "Unit cost",
        kind: Kind::Positive,
        required: false,
        synonyms: "unit cost | cost | cost price | standard cost | cost per unit | purchase price | buy price | \
            unit price | price | einkaufspreis | ek | stückkosten | stückpreis | einzelpreis | coût unitaire | \
            coste",
    },
    CURRENCY,
];

const CATEGORIES: &[Field] = &[Field {
    name: "name",
    label: "Name",
    kind: Kind::Text(100),
    required: true,
    synonyms: "name | category | category name | title | label | account | account name | kategorie | bezeichnung | \
            catégorie | categoría",
}];

/// The fields of a kind of record, in the order of forms and previews.
pub const fn of(target: Target) -> &'static [Field] {
    match target {
        Target::Transactions => TRANSACTIONS,
        Target::Payments => PAYMENTS,
        Target::Budgets => BUDGETS,
        Target::Materials => MATERIALS,
        Target::Categories => CATEGORIES,
    }
}

/// The fields that tell one record from another, so that a file may be imported twice.
pub const fn key(target: Target) -> &'static [&'static str] {
    match target {
        Target::Transactions | Target::Payments => &["reference"],
        Target::Budgets => &["month", "type", "category"],
        Target::Materials => &["sku"],
        Target::Categories => &["name"],
    }
}

/// What a field holds where the file says nothing; `None` if that has to be asked.
pub fn default_value(target: Target, field: &Field, base_currency: &str) -> Option<String> {
    let fixed = match (target, field.name) {
        (_, "currency") => base_currency,
        (Target::Payments, "direction") => "outgoing",
        (Target::Budgets, "type") => "expense",
        (Target::Materials, "quantity" | "min_stock" | "unit_cost") => "0",
        _ => return None,
    };
    Some(fixed.to_owned())
}

/// Lower case, without anything but letters, digits and single spaces: "Invoice_No." → "invoice no".
pub fn normalize(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut previous_lower = false;
    for c in name.chars() {
        // "orderDate" is two words.
        if c.is_uppercase() && previous_lower {
            out.push(' ');
        }
        previous_lower = c.is_lowercase();
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with(' ') && c != '.' && c != '\'' {
            out.push(' ');
        }
    }
    out.trim().to_owned()
}

/// Without accents, and with umlauts written out: "Währung" and "Waehrung" are one name.
fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'ä' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'á' | 'à' | 'â' => out.push('a'),
            'é' | 'è' | 'ê' => out.push('e'),
            'í' | 'î' => out.push('i'),
            'ó' | 'ô' => out.push('o'),
            'ú' | 'ù' | 'û' => out.push('u'),
            'ç' => out.push('c'),
            'ñ' => out.push('n'),
            other => out.push(other),
        }
    }
    out
}

/// Removes what a column name says beyond its field: "Amount (EUR)", "Total in €", "Total incl. VAT".
fn without_unit(normalized: &str) -> &str {
    const UNITS: [&str; 16] = [
        "eur", "usd", "gbp", "chf", "in eur", "in usd", "in gbp", "in chf", "in", "incl vat", "excl vat", "inc vat",
        "incl tax", "excl tax", "pcs", "local",
    ];
    UNITS
        .iter()
        .filter_map(|unit| normalized.strip_suffix(unit)?.strip_suffix(' '))
        .min_by_key(|rest| rest.len())
        .unwrap_or(normalized)
}

/// How columns and fields found each other.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// For each field of the target, in order, the index of its column.
    pub columns: Vec<Option<usize>>,
    /// For people: which column names occur more than once and were therefore left to them.
    pub doubles: Vec<String>,
}

/// Finds the columns by their names. Each column goes to one field: to the one that it names most plainly.
pub fn match_columns(target: Target, header: &[String]) -> Matching {
    let fields = of(target);
    let names: Vec<String> = header.iter().map(|name| normalize(name)).collect();
    let is_double = |i: usize| names.iter().filter(|n| **n == names[i]).count() > 1;
    let mut doubles: Vec<String> = Vec::new();
    // (rank of the synonym, field, column): the lowest ranks choose first.
    let mut candidates = Vec::new();
    for (column, name) in names.iter().enumerate() {
        for (index, field) in fields.iter().enumerate() {
            let rank = |name: &str| {
                let name = plain(name);
                words(field.synonyms).position(|synonym| plain(synonym) == name)
            };
            let Some(rank) = rank(name).or_else(|| rank(without_unit(name)).map(|r| r + 1)) else { continue };
            if is_double(column) {
                if !doubles.contains(&header[column]) {
                    doubles.push(header[column].clone());
                }
                continue;
            }
            // The field's own name wins over any synonym of another field.
            candidates.push((rank, index, column));
        }
    }
    candidates.sort_unstable();
    let mut columns = vec![None; fields.len()];
    let mut taken = vec![false; header.len()];
    for (_, field, column) in candidates {
        if columns[field].is_none() && !taken[column] {
            columns[field] = Some(column);
            taken[column] = true;
        }
    }
    Matching { columns, doubles }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    fn matched(target: Target, header: &[&str]) -> Vec<(&'static str, &'static str)> {
        let owned: Vec<String> = header.iter().map(|h| (*h).to_owned()).collect();
        let matching = match_columns(target, &owned);
        of(target)
            .iter()
            .zip(matching.columns)
            .filter_map(|(f, c)| Some((f.name, owned[c?].clone().leak() as &'static str)))
            .collect()
    }

    #[test]
    fn names_are_compared_without_case_and_signs() {
        assert_eq!(normalize(" Invoice_No. "), "invoice no");
        assert_eq!(normalize("orderDate"), "order date");
        assert_eq!(normalize("SKU"), "sku");
        assert_eq!(without_unit(&normalize("Amount (EUR)")), "amount");
        assert_eq!(without_unit(&normalize("Total in €")), "total");
    }

    #[test]
    fn umlauts_may_be_written_out_and_accents_left_out() {
        assert_eq!(matched(Target::Transactions, &["WAEHRUNG"]), [("currency", "WAEHRUNG")]);
        assert_eq!(matched(Target::Payments, &["Faellig am"]), [("due_date", "Faellig am")]);
        assert_eq!(matched(Target::Payments, &["echeance"]), [("due_date", "echeance")]);
    }

    #[test]
    fn a_shops_columns_find_their_fields() {
        assert_eq!(
            matched(
                Target::Transactions,
                &["Order No", "Ordered on", "Customer", "Product category", "Total incl. VAT", "Shop"]
            ),
            [
                ("reference", "Order No"),
                ("date", "Ordered on"),
                ("category", "Product category"),
                ("department", "Shop"),
                ("amount", "Total incl. VAT"),
                ("note", "Customer"),
            ]
        );
        assert_eq!(
            matched(
                Target::Transactions,
                &["Buchungstag", "Belegnummer", "Betrag", "Währung", "Verwendungszweck", "Soll/Haben"]
            ),
            [
                ("reference", "Belegnummer"),
                ("date", "Buchungstag"),
                ("type", "Soll/Haben"),
                ("amount", "Betrag"),
                ("currency", "Währung"),
                ("note", "Verwendungszweck"),
            ]
        );
    }

    #[test]
    fn the_plainest_name_wins_and_doubles_are_left_to_people() {
        assert_eq!(matched(Target::Payments, &["Invoice date", "Date", "Amount", "Total"])[1], ("amount", "Amount"));
        let header = ["Amount", "amount", "Date"].map(String::from);
        let matching = match_columns(Target::Transactions, &header);
        assert_eq!(matching.doubles, ["Amount", "amount"]);
        assert!(matching.columns[5].is_none());
    }

    #[test]
    fn every_synonym_is_in_the_form_in_which_it_is_compared() {
        for target in Target::ALL {
            for field in of(*target) {
                for synonym in words(field.synonyms) {
                    assert_eq!(normalize(synonym), synonym, "{target} {}", field.name);
                }
                assert!(words(field.synonyms).any(|s| normalize(field.name) == s), "{target} {}", field.name);
            }
        }
    }
}
