//! The fields of a message as a type of the application's.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::web::form::Form;

/// Fields that are not those of a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Invalid {
    #[error("{field}: {problem}")]
    Field { field: String, problem: String },
    #[error("{0}")]
    Whole(String),
}

/// Reads `fields` as JSON, and where that does not do, as those of a form, whose values are all texts.
pub(super) fn read<T: DeserializeOwned>(fields: &Map<String, Value>) -> Result<T, Invalid> {
    if let Ok(value) = T::deserialize(fields) {
        return Ok(value);
    }
    let form = Form(fields.iter().map(|(name, value)| (name.as_str(), texts(value).collect())).collect());
    serde_path_to_error::deserialize(form).map_err(|error| {
        let (field, problem) = (error.path().to_string(), error.into_inner().to_string());
        if field == "." { Invalid::Whole(problem) } else { Invalid::Field { field, problem } }
    })
}

/// The values that a field has, as texts.
fn texts(value: &Value) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_> {
    match value {
        Value::Null => Box::new(std::iter::empty()),
        Value::String(text) => Box::new(std::iter::once(Cow::Borrowed(text.as_str()))),
        Value::Array(values) => Box::new(values.iter().flat_map(texts)),
        other => Box::new(std::iter::once(Cow::Owned(other.to_string()))),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Order {
        amount: u32,
        name: String,
        #[serde(default)]
        tags: Vec<String>,
        note: Option<String>,
        #[serde(default)]
        gift: bool,
    }

    #[track_caller]
    fn check(fields: Value, expected: Result<Order, &str>) {
        let Value::Object(fields) = fields else { panic!("no fields") };
        assert_eq!(read(&fields).map_err(|invalid| invalid.to_string()), expected.map_err(str::to_owned));
    }

    fn order(tags: &[&str], note: Option<&str>) -> Order {
        Order {
            amount: 3,
            name: "<7>".into(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            note: note.map(str::to_owned),
            gift: true,
        }
    }

    #[test]
    fn the_texts_of_a_form_become_what_a_type_says() {
        check(json!({"amount": "3", "name": "<7>", "tags": "a", "gift": "true"}), Ok(order(&["a"], None)));
        check(json!({"amount": "3", "name": "<7>", "tags": ["a", "b"], "gift": "true", "note": "x"}), Ok(order(&["a", "b"], Some("x"))));
        // A field that was left empty.
        check(json!({"amount": "3", "name": "<7>", "gift": "true", "note": ""}), Ok(order(&[], None)));
    }

    #[test]
    fn typed_values_keep_their_types() {
        check(json!({"amount": 3, "name": "<7>", "tags": [], "note": null, "gift": true}), Ok(order(&[], None)));
        check(json!({"amount": 3, "name": "<7>", "gift": true, "other": {"a": [1]}}), Ok(order(&[], None)));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_field() {
        check(json!({"amount": "three", "name": "x"}), Err("amount: invalid digit found in string"));
        check(json!({"amount": "-1", "name": "x"}), Err("amount: invalid digit found in string"));
        check(json!({"amount": "3"}), Err("missing field `name`"));
        check(json!({"amount": ["3", "4"], "name": "x"}), Err("amount: one value is expected, and there are 2"));
        check(json!({}), Err("missing field `amount`"));
    }
}
