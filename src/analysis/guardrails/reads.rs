//! What a policy looks at: its attributes and its own constants. From them follows which requests have to be asked.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use cedar_policy::pst::{
    ActionConstraint, BinaryOp, Clause, EntityOrSlot, EntityUID, Expr, Literal, ResourceConstraint, Template, UnaryOp,
    Var,
};

use super::vocabulary::{Attribute, Kind, MAX_SHARDS, MIN_SHARDS, Variable, attribute};

/// Constants of one kind that a policy cannot tell apart: a set literal, the members of a chain of `||`, or a single one.
pub(super) type Together = (Kind, BTreeSet<String>);

/// What a policy looks at.
#[derive(Debug, Default)]
pub(super) struct Reads {
    pub(super) variables: BTreeSet<Variable>,
    pub(super) constants: Vec<Together>,
    pub(super) numbers: BTreeSet<i64>,
    /// Entities that Atlas cannot have.
    pub(super) strangers: Vec<String>,
    /// Something of which we do not know what Atlas makes of it.
    pub(super) unmodelled: Option<String>,
    /// It looks at more than single attributes.
    pub(super) everything: bool,
    /// Something of which the constants do not tell all cases: what passes is known, what is denied is not.
    pub(super) inexact: Option<String>,
}

impl Reads {
    /// Of a whole policy: its scope and its conditions.
    pub(super) fn of(policy: &Template) -> Self {
        let mut reads = Self::default();
        match &policy.resource {
            ResourceConstraint::Eq(EntityOrSlot::Entity(uid))
            | ResourceConstraint::In(EntityOrSlot::Entity(uid))
            | ResourceConstraint::IsIn(_, EntityOrSlot::Entity(uid)) => reads.entity(uid),
            _ => {}
        }
        for clause in policy.clauses() {
            let (Clause::When(condition) | Clause::Unless(condition)) = clause;
            reads.walk(condition);
        }
        reads
    }

    /// Whether the answer may differ between projects or clusters.
    pub(super) fn tells_projects_apart(&self) -> bool {
        self.constants.iter().any(|(kind, _)| matches!(kind, Kind::Project | Kind::Cluster))
    }

    pub(super) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &BTreeSet<String>> {
        self.constants.iter().filter(move |(of, _)| *of == kind).map(|(_, set)| set)
    }

    fn entity(&mut self, uid: &EntityUID) {
        self.together([constant_of(uid)]);
    }

    /// Notes constants that stand in one place, by kind.
    fn together(&mut self, constants: impl IntoIterator<Item = Constant>) {
        let mut by_kind: BTreeMap<Kind, BTreeSet<String>> = BTreeMap::new();
        for constant in constants {
            match constant {
                Constant::Known(kind, text) => {
                    if !super::vocabulary::could_exist(kind, &text) {
                        self.strangers.push(text.clone());
                    }
                    by_kind.entry(kind).or_default().insert(text);
                }
                Constant::Stranger(what) => {
                    self.unmodelled(&format!("names `{what}`, of a type that is not documented"));
                }
            }
        }
        self.constants.extend(by_kind);
    }

    fn walk(&mut self, expression: &Expr) {
        if let Some(constant) = constant(expression) {
            return self.together([constant]);
        }
        if let Some(path) = path(expression) {
            return self.attribute(&path);
        }
        match expression {
            Expr::Literal(Literal::Long(number)) => {
                self.numbers.insert(*number);
            }
            Expr::Literal(Literal::Bool(_)) | Expr::Var(Var::Resource | Var::Action) => {}
            Expr::Var(Var::Principal) => self.unmodelled("looks at the principal, whose type is not published"),
            Expr::Var(Var::Context) => {
                self.everything = true;
                self.inexact("looks at the whole context at once");
            }
            Expr::UnaryOp { op, expr } => {
                if *op == UnaryOp::Neg && depends(expr) {
                    self.inexact("does arithmetic");
                }
                // Built with the feature `prove`, Cedar knows these; no request of Atlas holds any.
                if matches!(op, UnaryOp::Datetime | UnaryOp::Duration | UnaryOp::Decimal) {
                    self.unmodelled("reckons with times or decimals, which no public page of Atlas shows in a policy");
                }
                self.walk(expr);
            }
            Expr::BinaryOp { op: op @ (BinaryOp::And | BinaryOp::Or), .. } => self.chain(*op, expression),
            Expr::BinaryOp { op, left, right } => self.binary(*op, left, right),
            Expr::GetAttr { expr, attr } => {
                self.unmodelled(&format!("reads `{attr}` of something other than the context"));
                self.walk(expr);
            }
            Expr::HasAttr { expr, attrs } => match below_context(expr) {
                Some(mut below) => {
                    for attr in attrs {
                        if !below.is_empty() {
                            below.push('.');
                        }
                        below.push_str(attr);
                        // Asking whether a record is there tells nothing that varies.
                        if attribute(&below) != Attribute::Record {
                            self.attribute(&below);
                        }
                    }
                }
                None => self.unmodelled(&format!("asks for `{}` of something other than the context", attrs.first())),
            },
            Expr::Like { expr, .. } => {
                if depends(expr) {
                    self.inexact("compares by pattern");
                }
                self.walk(expr);
            }
            Expr::Is { expr, in_expr, .. } => {
                self.walk(expr);
                if let Some(within) = in_expr {
                    self.walk(within);
                }
            }
            Expr::IfThenElse { cond, then_expr, else_expr } => {
                self.walk(cond);
                self.walk(then_expr);
                self.walk(else_expr);
            }
            Expr::Set(members) => {
                self.together(members.iter().filter_map(|member| constant(member)));
                for member in members.iter().filter(|member| constant(member).is_none()) {
                    self.walk(member);
                }
            }
            Expr::Record(members) => {
                if depends(expression) {
                    self.inexact("builds a record");
                }
                for member in members.values() {
                    self.walk(member);
                }
            }
            _ => self.unmodelled("uses a construct that this version does not know"),
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr) {
        let at = |expression: &Expr, wanted: &str| path(expression).as_deref() == Some(wanted);
        let number = |expression: &Expr| matches!(expression, Expr::Literal(Literal::Long(_)));
        // The only forms in which Atlas evaluates these two.
        let shards = match op {
            BinaryOp::Less if number(right) => at(left, MIN_SHARDS),
            BinaryOp::Greater if number(left) => at(right, MIN_SHARDS),
            _ => false,
        } || match op {
            BinaryOp::Greater if number(right) => at(left, MAX_SHARDS),
            BinaryOp::Less if number(left) => at(right, MAX_SHARDS),
            _ => false,
        };
        if shards {
            self.variables.insert(Variable::Topology);
            for side in [left, right] {
                if let Expr::Literal(Literal::Long(number)) = side {
                    self.numbers.insert(*number);
                }
            }
            return;
        }
        match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul if depends(left) || depends(right) => {
                self.inexact("does arithmetic");
            }
            BinaryOp::GetTag | BinaryOp::HasTag => {
                self.unmodelled("reads tags, which no public page of Atlas shows in a policy");
            }
            BinaryOp::Contains if finite(right) => {}
            BinaryOp::Eq | BinaryOp::NotEq if finite(left) && finite(right) => {}
            _ if depends(left) && depends(right) => self.inexact("compares two attributes with each other"),
            _ => {}
        }
        self.walk(left);
        self.walk(right);
    }

    /// A chain of `||` or `&&`: constants that the same question is asked about cannot be told apart by it.
    fn chain(&mut self, op: BinaryOp, expression: &Expr) {
        let mut links = Vec::new();
        flatten(op, expression, &mut links);
        let mut questions: BTreeMap<String, (Vec<Constant>, &Expr)> = BTreeMap::new();
        for link in links {
            match question(link) {
                Some((key, constant, about)) => {
                    questions.entry(key).or_insert_with(|| (Vec::new(), about)).0.push(constant);
                }
                None => self.walk(link),
            }
        }
        for (constants, about) in questions.into_values() {
            self.together(constants);
            self.walk(about);
        }
    }

    fn attribute(&mut self, path: &str) {
        match attribute(path) {
            Attribute::Value(_) if path == MIN_SHARDS || path == MAX_SHARDS => {
                self.unmodelled(
                    "compares a number of shards otherwise than Atlas evaluates it (min with <, max with >)",
                );
            }
            Attribute::Value(variable) => {
                self.variables.insert(variable);
            }
            Attribute::Project => {}
            Attribute::Record => {
                self.everything = true;
                self.inexact("looks at a whole record at once");
            }
            Attribute::Unknown => self.unmodelled(&format!("reads `context.{path}`, which is not documented")),
        }
    }

    fn unmodelled(&mut self, why: &str) {
        self.unmodelled.get_or_insert_with(|| why.to_owned());
    }

    fn inexact(&mut self, why: &str) {
        self.inexact.get_or_insert_with(|| why.to_owned());
    }
}

/// The actions that a policy's scope names; nothing if it is for any.
pub(super) fn scope(policy: &Template) -> Option<Vec<&EntityUID>> {
    match &policy.action {
        ActionConstraint::Any => None,
        ActionConstraint::Eq(action) => Some(vec![action]),
        ActionConstraint::In(actions) => Some(actions.iter().collect()),
    }
}

enum Constant {
    Known(Kind, String),
    Stranger(String),
}

fn constant_of(uid: &EntityUID) -> Constant {
    match Kind::of_entity(&uid.ty.to_string()) {
        Some(kind) => Constant::Known(kind, uid.eid.to_string()),
        None => Constant::Stranger(uid.to_string()),
    }
}

/// A constant other than a number or a truth value.
fn constant(expression: &Expr) -> Option<Constant> {
    match expression {
        Expr::Literal(Literal::EntityUID(uid)) => Some(constant_of(uid)),
        Expr::Literal(Literal::String(text)) => Some(Constant::Known(Kind::Text, text.to_string())),
        Expr::UnaryOp { op: UnaryOp::Ip, expr } => match &**expr {
            Expr::Literal(Literal::String(text)) => Some(Constant::Known(Kind::Address, canonical(text))),
            _ => None,
        },
        _ => None,
    }
}

/// An address or range with its length, as Cedar compares it: `198.51.100.7` is `198.51.100.7/32`. The bits behind
/// the prefix count.
pub(super) fn canonical(text: &str) -> String {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let Ok(address) = address.parse::<IpAddr>() else { return text.to_owned() };
    let whole = if address.is_ipv4() { "32" } else { "128" };
    format!("{address}/{}", length.unwrap_or(whole))
}

/// The names behind `context`, where an expression is nothing but those.
fn path(expression: &Expr) -> Option<String> {
    match expression {
        Expr::GetAttr { expr, attr } => match &**expr {
            Expr::Var(Var::Context) => Some(attr.to_string()),
            below => path(below).map(|path| format!("{path}.{attr}")),
        },
        _ => None,
    }
}

/// The same, where it may also be `context` itself.
fn below_context(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Var(Var::Context) => Some(String::new()),
        other => path(other),
    }
}

/// Whether the request decides the value.
fn depends(expression: &Expr) -> bool {
    match expression {
        Expr::Literal(_) => false,
        Expr::UnaryOp { expr, .. } | Expr::Like { expr, .. } => depends(expr),
        Expr::BinaryOp { left, right, .. } => depends(left) || depends(right),
        Expr::Set(members) => members.iter().any(|member| depends(member)),
        Expr::Record(members) => members.values().any(|member| depends(member)),
        _ => true,
    }
}

/// Whether all values that an expression may have are asked anyway: truth values and entities of closed lists.
fn finite(expression: &Expr) -> bool {
    match expression {
        Expr::Var(Var::Resource | Var::Action) | Expr::Literal(_) | Expr::HasAttr { .. } | Expr::Is { .. } => true,
        Expr::Set(members) => members.iter().all(|member| finite(member)),
        Expr::UnaryOp { op, .. } => matches!(op, UnaryOp::Not | UnaryOp::IsEmpty | UnaryOp::Ip),
        Expr::BinaryOp { op, .. } => !matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul),
        Expr::GetAttr { .. } => path(expression).is_some_and(|path| {
            matches!(
                attribute(&path),
                Attribute::Project
                    | Attribute::Value(
                        Variable::Tls
                            | Variable::CustomerKey
                            | Variable::Auditing
                            | Variable::Window
                            | Variable::Indexes
                            | Variable::DedicatedNodes
                            | Variable::AutoEmbed
                            | Variable::Rerank
                    )
            ) || matches!(
                path.as_str(),
                "cluster.clusterType"
                    | "cluster.isConvertingToSharded"
                    | "cluster.configServerManagementMode"
                    | "cluster.cipherConfigMode"
            )
        }),
        _ => false,
    }
}

/// Without recursion: a chain may be long.
fn flatten<'e>(op: BinaryOp, expression: &'e Expr, links: &mut Vec<&'e Expr>) {
    let mut waiting = vec![expression];
    while let Some(expression) = waiting.pop() {
        match expression {
            Expr::BinaryOp { op: this, left, right } if *this == op => waiting.extend([&**right, &**left]),
            other => links.push(other),
        }
    }
}

/// A test of something against one constant: the question without the constant, the constant, and the something.
fn question(expression: &Expr) -> Option<(String, Constant, &Expr)> {
    match expression {
        Expr::UnaryOp { op: UnaryOp::Not, expr } => {
            question(expr).map(|(key, constant, about)| (format!("!{key}"), constant, about))
        }
        Expr::BinaryOp {
            op: op @ (BinaryOp::Eq | BinaryOp::NotEq | BinaryOp::In | BinaryOp::Contains),
            left,
            right,
        } => match (constant(left), constant(right)) {
            (None, Some(constant)) => Some((format!("{left} {op}"), constant, left)),
            (Some(constant), None) if *op != BinaryOp::In => Some((format!("{right} {op}"), constant, right)),
            _ => None,
        },
        _ => None,
    }
}
