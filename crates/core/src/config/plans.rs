//! Reads `PLANS`: the tier that each plan gives.

use super::reader::Reader;
use crate::domain::{Plans, Tier, plan::UnknownPrice, subscription::is_price_id};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

const NAME: &str = "PLANS";

/// Longest `pastDueGraceDays`. Stripe's own retries end after two months at most ("Smart Retries").
const GRACE_DAYS_MAX: u32 = 365;

/// Reads the table; omitted fields keep their defaults.
pub(super) fn read(reader: &mut Reader) -> Plans {
    let mut plans = Plans::default();
    for (field, value) in reader.table(NAME, "plans") {
        let at = format!("{NAME}.{field}");
        match field.as_str() {
            "free" => set_tier(reader, &at, &value, &mut plans.free),
            "premium" => set_tier(reader, &at, &value, &mut plans.premium),
            "complimentary" => set_tier(reader, &at, &value, &mut plans.complimentary),
            "unlimited" => set_tier(reader, &at, &value, &mut plans.unlimited),
            "prices" => read_prices(reader, &at, &value, &mut plans.prices),
            "unknownPrice" => {
                let wanted = value.as_str().and_then(UnknownPrice::from_name);
                plans.unknown_price = wanted.unwrap_or_else(|| {
                    let known = UnknownPrice::ALL.map(UnknownPrice::name).join(", ");
                    reader.fault(&at, format!("is {value}, must be one of: {known}"));
                    UnknownPrice::default()
                });
            }
            "pastDueGraceDays" => {
                let (days, shown) = (value.as_i64(), value.to_string());
                let days = reader.within(&at, days, &shown, 0..=GRACE_DAYS_MAX, 0);
                plans.past_due_grace = Duration::from_hours(24) * days;
            }
            _ => {
                let known = "free, premium, complimentary, unlimited, prices, unknownPrice, pastDueGraceDays";
                reader.fault(&at, format!("is unknown; allowed are {known}"));
            }
        }
    }
    plans
}

fn set_tier(reader: &mut Reader, at: &str, value: &Value, tier: &mut Tier) {
    if let Some(wanted) = value.as_str().and_then(Tier::from_name) {
        *tier = wanted;
    } else {
        let known = Tier::ALL.map(Tier::name).join(", ");
        reader.fault(at, format!("is {value}, must be one of: {known}"));
    }
}

fn read_prices(reader: &mut Reader, at: &str, wanted: &Value, prices: &mut BTreeMap<String, Tier>) {
    let Value::Object(wanted) = wanted else {
        let detail = format!("is {wanted}, must be a table of tiers by price id");
        return reader.fault(at, detail);
    };
    for (price, value) in wanted {
        if !is_price_id(price) {
            let detail = format!("{price:?} is not a price id: 1 to 128 visible ASCII characters");
            reader.fault(at, detail);
            continue;
        }
        let mut tier = Tier::default();
        set_tier(reader, &format!("{at}.{price}"), value, &mut tier);
        prices.insert(price.clone(), tier);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ConfigError};

    fn parse(table: &str) -> Result<Plans, ConfigError> {
        let config = Config::from_vars(&|name| (name == NAME).then(|| table.to_owned()));
        config.map(|config| config.gate.plans)
    }

    #[test]
    fn omitted_fields_keep_their_defaults() {
        assert_eq!(parse("{}"), Ok(Plans::default()));
        let wanted = Plans {
            unlimited: Tier::Tier4,
            past_due_grace: Duration::from_hours(72),
            prices: BTreeMap::from([("price_a".to_owned(), Tier::Tier2)]),
            unknown_price: UnknownPrice::Refuse,
            ..Plans::default()
        };
        let table = r#"{"unlimited":"tier4","pastDueGraceDays":3,"unknownPrice":"refuse","prices":{"price_a":"tier2"}}"#;
        assert_eq!(parse(table), Ok(wanted));
        let all = r#"{"free":"tier2","premium":"tier2","complimentary":"tier2"}"#;
        let plans = parse(all).unwrap();
        let tiers = [plans.free, plans.premium, plans.complimentary];
        assert_eq!(tiers, [Tier::Tier2; 3]);
    }

    #[test]
    fn a_grace_period_lasts_up_to_a_year() {
        for (days, valid) in [(-1, false), (0, true), (365, true), (366, false)] {
            let table = format!(r#"{{"pastDueGraceDays":{days}}}"#);
            assert_eq!(parse(&table).is_ok(), valid, "{days}");
        }
    }

    #[test]
    fn all_errors_are_reported_with_their_place() {
        let table = r#"{"free":"gold","gratis":"tier1","pastDueGraceDays":1.5,"premium":3,
            "prices":{"a b":"tier1","price_x":"tier9"},"unknownPrice":"gratis"}"#;
        let error = parse(table).unwrap_err();
        let expected = "PLANS.free: is \"gold\", must be one of: tier1, tier2, tier3, tier4; \
            PLANS.gratis: is unknown; allowed are free, premium, complimentary, unlimited, prices, unknownPrice, pastDueGraceDays; \
            PLANS.pastDueGraceDays: is 1.5, must be a whole number from 0 to 365; \
            PLANS.premium: is 3, must be one of: tier1, tier2, tier3, tier4; \
            PLANS.prices: \"a b\" is not a price id: 1 to 128 visible ASCII characters; \
            PLANS.prices.price_x: is \"tier9\", must be one of: tier1, tier2, tier3, tier4; \
            PLANS.unknownPrice: is \"gratis\", must be one of: premium, free, refuse";
        assert_eq!(error.to_string(), expected);
        let error = parse(r#"{"prices":[]}"#).unwrap_err().to_string();
        assert_eq!(
            error,
            "PLANS.prices: is [], must be a table of tiers by price id"
        );
        let error = parse("[]").unwrap_err().to_string();
        assert!(
            error.starts_with("PLANS: is not a table of plans: "),
            "{error}"
        );
    }
}
