//! The fields of a form, whose values are all texts, as those of a type.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

/// Each name once, with all texts that it has.
pub(super) struct Form<'a>(pub(super) Vec<(&'a str, Texts<'a>)>);

impl<'de> Deserializer<'de> for Form<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(MapDeserializer::new(self.0.into_iter()))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    /// A button has nothing to say but its action; fields are left alone, as those that a struct does not have.
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The texts of one name: which type they are is for the type to say that asks.
pub(super) struct Texts<'a>(Vec<Cow<'a, str>>);

impl<'a> FromIterator<Cow<'a, str>> for Texts<'a> {
    fn from_iter<I: IntoIterator<Item = Cow<'a, str>>>(texts: I) -> Self {
        Self(texts.into_iter().collect())
    }
}

impl<'a> Texts<'a> {
    fn only(self) -> Result<Cow<'a, str>, Error> {
        match <[_; 1]>::try_from(self.0) {
            Ok([text]) => Ok(text),
            Err(texts) => Err(Error::custom(format_args!("one value is expected, and there are {}", texts.len()))),
        }
    }

    fn parse<T: FromStr<Err: Display>>(self) -> Result<T, Error> {
        self.only()?.parse().map_err(Error::custom)
    }
}

impl IntoDeserializer<'_> for Texts<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Values that are written as Rust writes them.
macro_rules! parsed {
    ($($method:ident => $visit:ident,)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
                visitor.$visit(self.parse()?)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Texts<'_> {
    type Error = Error;

    parsed! {
        deserialize_bool => visit_bool,
        deserialize_i8 => visit_i8,
        deserialize_i16 => visit_i16,
        deserialize_i32 => visit_i32,
        deserialize_i64 => visit_i64,
        deserialize_i128 => visit_i128,
        deserialize_u8 => visit_u8,
        deserialize_u16 => visit_u16,
        deserialize_u32 => visit_u32,
        deserialize_u64 => visit_u64,
        deserialize_u128 => visit_u128,
        deserialize_f32 => visit_f32,
        deserialize_f64 => visit_f64,
    }

    /// What flattens its fields asks for none before it has all of them.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.len() == 1 { self.deserialize_string(visitor) } else { self.deserialize_seq(visitor) }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.only()?.into_owned())
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    /// A field that was left empty is none.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.as_slice() {
            [] => visitor.visit_none(),
            [text] if text.is_empty() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(self.0.into_iter().map(|text| Texts(vec![text]))))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        visitor.visit_enum(self.only()?.into_deserializer())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bytes byte_buf unit unit_struct map struct identifier
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Size {
        Small,
        Large,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Amount(f64);

    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        letter: char,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Order {
        size: Size,
        amount: Amount,
        corner: (i8, u64),
        sizes: Vec<Option<Size>>,
        #[serde(flatten)]
        inner: Inner,
    }

    fn read<T: for<'de> Deserialize<'de>>(fields: &[(&str, &[&str])]) -> Result<T, String> {
        let fields = fields.iter().map(|(name, texts)| (*name, texts.iter().map(|text| Cow::Borrowed(*text)).collect()));
        T::deserialize(Form(fields.collect())).map_err(|error| error.to_string())
    }

    const FIELDS: [(&str, &[&str]); 6] = [
        ("size", &["large"]),
        ("amount", &["2.5"]),
        ("corner", &["-3", "4"]),
        ("sizes", &["small", ""]),
        ("letter", &["x"]),
        ("other", &["a", "b"]),
    ];

    #[test]
    fn every_kind_of_value_is_read_from_texts() {
        let sizes = vec![Some(Size::Small), None];
        let expected = Order { size: Size::Large, amount: Amount(2.5), corner: (-3, 4), sizes, inner: Inner { letter: 'x' } };
        assert_eq!(read(&FIELDS), Ok(expected));
    }

    #[test]
    fn a_form_is_also_what_has_no_fields_or_is_optional_itself() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Pressed;

        assert_eq!(read(&[]), Ok(()));
        assert_eq!(read(&FIELDS), Ok(Pressed));
        assert_eq!(read(&FIELDS[4..5]), Ok(Some(Inner { letter: 'x' })));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let with =
            |name: &'static str, texts: &'static [&'static str]| FIELDS.map(|field| if field.0 == name { (name, texts) } else { field });
        for (fields, problem) in [
            (with("size", &["huge"]), "unknown variant `huge`, expected `small` or `large`"),
            (with("size", &["small", "large"]), "one value is expected, and there are 2"),
            (with("amount", &[]), "one value is expected, and there are 0"),
            (with("amount", &["much"]), "invalid float literal"),
            (with("corner", &["1"]), "invalid length 1, expected a tuple of size 2"),
            (with("letter", &["xy"]), "invalid value: string \"xy\", expected a character"),
        ] {
            assert_eq!(read::<Order>(&fields), Err(problem.to_owned()));
        }
        assert_eq!(read::<Vec<u8>>(&FIELDS), Err("invalid type: map, expected a sequence".to_owned()));
    }
}
