//! Values that come from code: a decimal must have the scale of its field, whatever scale it was computed at.

use crate::{descriptor::Type, value::Value};

/// Brings decimals to their scale, wherever in a value they are. `Err` says why one can't have it.
pub(crate) fn fit(ty: &Type, value: &mut Value) -> Result<(), String> {
    match (ty, value) {
        (Type::Decimal { precision, scale }, Value::Decimal(number)) => {
            let given = *number;
            number.rescale((*scale).into());
            if *number != given {
                return Err(format!("has more than {scale} digits behind the point"));
            }
            if number.mantissa().unsigned_abs() >= 10_u128.pow((*precision).into()) {
                return Err(format!("has more than {precision} digits"));
            }
            Ok(())
        }
        (Type::List(item), Value::List(items)) => items.iter_mut().try_for_each(|value| fit(item, value)),
        (Type::Map(item), Value::Map(entries)) => entries.values_mut().try_for_each(|value| fit(item, value)),
        (Type::Object(object), Value::Object(values)) => {
            object.fields.iter().zip(values).try_for_each(|(field, value)| fit(&field.ty, value))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn fitted(scale: u8, number: &str) -> Result<String, String> {
        let mut value = Value::List(vec![Value::Decimal(number.parse().unwrap())]);
        fit(&list(scale), &mut value)?;
        match value {
            Value::List(items) => match items[..] {
                [Value::Decimal(number)] => Ok(Decimal::to_string(&number)),
                _ => unreachable!("one went in"),
            },
            _ => unreachable!("a list stays one"),
        }
    }

    const fn list(scale: u8) -> Type {
        match scale {
            2 => Type::List(&Type::Decimal { precision: 4, scale: 2 }),
            _ => Type::List(&Type::Decimal { precision: 4, scale: 0 }),
        }
    }

    #[test]
    fn a_decimal_gets_its_fields_scale_if_nothing_is_lost() {
        assert_eq!(fitted(2, "12.5"), Ok("12.50".to_owned()));
        assert_eq!(fitted(2, "12.500"), Ok("12.50".to_owned()));
        assert_eq!(fitted(2, "12.505"), Err("has more than 2 digits behind the point".to_owned()));
        assert_eq!(fitted(0, "12345"), Err("has more than 4 digits".to_owned()));
    }
}
