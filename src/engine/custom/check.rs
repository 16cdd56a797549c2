//! Checks an expression before anything is judged by it: names, fields, functions, and comparisons that can never hold.

use std::collections::{BTreeMap, BTreeSet};

use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo};
use cel::{Env, Program};

use super::types::{self, Field, Scalar, Type};
use super::{functions, size};
use crate::engine::rule::Rule;
use crate::snapshot::Section;

pub(super) use types::is_list;

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}{}", nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
pub struct Fault {
    /// In words.
    pub what: String,
    /// What may have been meant.
    pub nearest: Option<String>,
    /// Where in the expression, in bytes.
    pub offset: usize,
}

/// Parses and checks; tells which sections the expression reads.
pub(super) fn compile(rule: &Rule, source: &str) -> Result<(Program, BTreeSet<Section>), Fault> {
    size::check(source)?;
    let program = Env::stdlib().compile(source).map_err(|errors| syntax(source, &errors))?;
    let mut check = Check { info: program.source_info(), needs: BTreeSet::new() };
    let variables = types::variables(rule).into_iter().map(|(name, its)| (name.to_owned(), its)).collect();
    check.type_of(program.expression(), &variables)?;
    let needs = check.needs;
    Ok((program, needs))
}

fn syntax(source: &str, errors: &cel::ParseErrors) -> Fault {
    let first = errors.errors.first();
    let what = first.map_or_else(|| errors.to_string(), |error| error.msg.clone());
    let line = first.and_then(|error| usize::try_from(error.pos.0).ok()).unwrap_or(1);
    let column = first.and_then(|error| usize::try_from(error.pos.1).ok()).unwrap_or(1);
    let before: usize = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    Fault { what: format!("this is no CEL: {what}"), nearest: None, offset: before + column.saturating_sub(1) }
}

type Scope = BTreeMap<String, Type>;

struct Check<'p> {
    info: &'p SourceInfo,
    needs: BTreeSet<Section>,
}

impl Check<'_> {
    fn fault(&self, at: &IdedExpr, what: String, asked: &str, known: &[String]) -> Fault {
        let offset = self.info.offset_for(at.id).map_or(0, |(start, _)| start as usize);
        Fault { what, nearest: nearest(asked, known), offset }
    }

    fn type_of(&mut self, expression: &IdedExpr, scope: &Scope) -> Result<Type, Fault> {
        match &expression.expr {
            Expr::Unspecified => Ok(Type::Any),
            Expr::Literal(literal) => Ok(match literal {
                LiteralValue::Boolean(_) => Type::Scalar(Scalar::Boolean),
                LiteralValue::Double(_) | LiteralValue::Int(_) | LiteralValue::UInt(_) => Type::Scalar(Scalar::Number),
                LiteralValue::String(_) => Type::Scalar(Scalar::String),
                LiteralValue::Bytes(_) | LiteralValue::Null => Type::Any,
            }),
            Expr::Ident(name) => scope.get(name).cloned().ok_or_else(|| {
                let known: Vec<String> = scope.keys().filter(|name| !name.starts_with('@')).cloned().collect();
                let what = format!("there is no `{name}` here; there are {}", known.join(", "));
                self.fault(expression, what, name, &known)
            }),
            Expr::Select(select) => {
                let operand = self.type_of(&select.operand, scope)?;
                match operand.field(&select.field) {
                    Some(Field::Section(section, _)) if select.test => {
                        self.needs.insert(section);
                        Ok(Type::Scalar(Scalar::Boolean))
                    }
                    None | Some(Field::Own(_)) if select.test => Ok(Type::Scalar(Scalar::Boolean)),
                    None => Ok(Type::Any),
                    Some(Field::Own(its)) => Ok(its),
                    Some(Field::Section(section, its)) => {
                        self.needs.insert(section);
                        Ok(its)
                    }
                    Some(Field::None(known)) if known.is_empty() => {
                        let what = format!("`.{}` is asked of something that has no fields", select.field);
                        Err(self.fault(expression, what, "", &[]))
                    }
                    Some(Field::None(known)) => {
                        let what = format!("no field is called `{}`", select.field);
                        Err(self.fault(expression, what, &select.field, &known))
                    }
                }
            }
            Expr::List(list) => {
                let mut items = Vec::new();
                for element in &list.elements {
                    items.push(self.type_of(element, scope)?);
                }
                let same = items.windows(2).all(|pair| pair[0] == pair[1]);
                let item = items.into_iter().next().filter(|_| same).unwrap_or(Type::Any);
                Ok(Type::List(Box::new(item)))
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.type_of(&entry.key, scope)?;
                        self.type_of(&entry.value, scope)?;
                    }
                }
                Ok(Type::Any)
            }
            Expr::Struct(made) => {
                Err(self.fault(expression, format!("`{}` cannot be made here", made.type_name), "", &[]))
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, scope),
            Expr::Call(call) => {
                if !functions::is_known(&call.func_name) {
                    let known = functions::names();
                    let what = format!("there is no function `{}`", call.func_name);
                    return Err(self.fault(expression, what, &call.func_name, &known));
                }
                let target = call.target.as_ref().map(|target| self.type_of(target, scope)).transpose()?;
                let mut arguments = Vec::new();
                for argument in &call.args {
                    arguments.push(self.type_of(argument, scope)?);
                }
                self.call(expression, &call.func_name, target.is_some(), &arguments)
            }
        }
    }

    fn call(&self, at: &IdedExpr, name: &str, method: bool, arguments: &[Type]) -> Result<Type, Fault> {
        match (name, arguments) {
            ("_==_" | "_!=_" | "_<_" | "_<=_" | "_>_" | "_>=_", [Type::Scalar(one), Type::Scalar(other)])
                if one != other =>
            {
                let what = format!("{} is compared with {}", one.name(), other.name());
                Err(self.fault(at, what, "", &[]))
            }
            ("_&&_" | "_||_" | "!_", parts) if parts.iter().any(is_no_condition) => {
                Err(self.fault(at, "a condition that is neither true nor false".to_owned(), "", &[]))
            }
            ("@in", [Type::Scalar(one), Type::List(items)]) if matches!(**items, Type::Scalar(other) if other != *one) => {
                Err(self.fault(at, format!("{} is looked for among others", one.name()), "", &[]))
            }
            ("_[_]", [of, _]) => Ok(of.indexed()),
            ("_?_:_", [_, yes, no]) => Ok(if yes == no { yes.clone() } else { Type::Any }),
            (
                "_==_" | "_!=_" | "_<_" | "_<=_" | "_>_" | "_>=_" | "_&&_" | "_||_" | "!_" | "@in" | "contains"
                | "startsWith" | "endsWith" | "matches" | "cidrContains" | "isPrivate",
                _,
            ) => Ok(Type::Scalar(Scalar::Boolean)),
            ("size" | "int" | "uint" | "double" | "prefixLength", _) => Ok(Type::Scalar(Scalar::Number)),
            ("string", _) if !method => Ok(Type::Scalar(Scalar::String)),
            _ => Ok(Type::Any),
        }
    }

    fn comprehension(&mut self, over: &ComprehensionExpr, scope: &Scope) -> Result<Type, Fault> {
        let range = self.type_of(&over.iter_range, scope)?;
        if matches!(range, Type::Scalar(_)) {
            return Err(self.fault(&over.iter_range, "this is no list".to_owned(), "", &[]));
        }
        let mut inner = scope.clone();
        inner.insert(over.iter_var.clone(), range.entry());
        if let Some(second) = &over.iter_var2 {
            inner.insert(second.clone(), range.indexed());
        }
        self.type_of(&over.accu_init, scope)?;
        inner.insert(over.accu_var.clone(), Type::Any);
        self.type_of(&over.loop_cond, &inner)?;
        self.type_of(&over.loop_step, &inner)?;
        self.type_of(&over.result, &inner)?;
        Ok(match &over.accu_init.expr {
            // `filter` and `map` collect what they put in a list.
            Expr::List(_) => match collected(&over.loop_step) {
                Some(item) => Type::List(Box::new(self.type_of(item, &inner)?)),
                None => Type::Any,
            },
            Expr::Literal(LiteralValue::Boolean(_)) => Type::Scalar(Scalar::Boolean),
            _ => Type::Any,
        })
    }
}

fn is_no_condition(part: &Type) -> bool {
    matches!(part, Type::Scalar(Scalar::Number | Scalar::String) | Type::List(_) | Type::Fields { .. } | Type::Map(_))
}

/// The `x` of `accumulator + [x]`.
fn collected(step: &IdedExpr) -> Option<&IdedExpr> {
    match &step.expr {
        Expr::List(list) => list.elements.first(),
        Expr::Call(call) => call.args.iter().find_map(collected),
        _ => None,
    }
}

fn nearest(asked: &str, known: &[String]) -> Option<String> {
    known
        .iter()
        .map(|name| (strsim::jaro_winkler(&asked.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.clone())
}
