//! Answers as CSV. Server only.

use super::model::MetricAnswer;
use crate::{error::AppError, records::formula::guarded, server::fault};
use rust_decimal::Decimal;

/// One line per point with the series side by side, or one line with the value where there is no series.
/// Numbers are plain (`1234.5`), so that any program reads them.
pub fn csv(answer: &MetricAnswer) -> Result<String, AppError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let number = |value: Option<Decimal>| value.map(|v| v.to_string()).unwrap_or_default();
    let compared = answer.comparison_period.is_some();
    let mut put = |record: Vec<String>| writer.write_record(record).map_err(fault::internal);
    if answer.series.is_empty() {
        let mut head = vec!["metric", "value", "count", "unit"];
        let mut line = vec![
            answer.code.clone(),
            number(answer.value),
            answer.count.to_string(),
            answer.unit.clone().unwrap_or_default(),
        ];
        if compared {
            head.extend(["comparison_value", "change_percent"]);
            line.extend([number(answer.comparison_value), number(answer.change_percent)]);
        }
        put(head.into_iter().map(String::from).collect())?;
        put(line)?;
    } else {
        let first = answer.group_by.as_deref().filter(|_| answer.grain.is_none());
        let mut head = vec![first.unwrap_or("from").to_owned()];
        for series in &answer.series {
            head.push(guarded(&series.label).into_owned());
            if !series.comparison.is_empty() {
                head.push(guarded(&format!("{} (comparison)", series.label)).into_owned());
            }
        }
        put(head)?;
        for (i, point) in answer.series[0].points.iter().enumerate() {
            let key = if first.is_some() { &point.label } else { &point.key };
            let mut line = vec![guarded(key).into_owned()];
            for series in &answer.series {
                line.push(number(series.points.get(i).and_then(|point| point.value)));
                if !series.comparison.is_empty() {
                    line.push(number(series.comparison.get(i).and_then(|point| point.value)));
                }
            }
            put(line)?;
        }
    }
    let bytes = writer.into_inner().map_err(fault::internal)?;
    String::from_utf8(bytes).map_err(fault::internal)
}
